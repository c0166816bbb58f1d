/** The JSON of all messages. Not API. */
package io.mysqlmonitor.message;
