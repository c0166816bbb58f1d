/** The row change and its JSON contract: plain Java that knows neither Camel nor Debezium. */
package io.mysqlmonitor.change;
