/** The text of SQL statements: plain Java that knows neither Camel nor Debezium. Not API. */
package io.mysqlmonitor.statement;
