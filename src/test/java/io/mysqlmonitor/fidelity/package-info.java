/** What is published is what the server has: values, keys, statements, messages. */
package io.mysqlmonitor.fidelity;
