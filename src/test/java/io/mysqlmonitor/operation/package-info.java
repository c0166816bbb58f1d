/** The program as an operator runs it, the servers it meets, and where its messages go. */
package io.mysqlmonitor.operation;
