/** The monitor as a part of an application. */
package io.mysqlmonitor.embedding;
