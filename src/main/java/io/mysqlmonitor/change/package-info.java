/**
 * The domain: changes of rows and tables, gaps, and places in the binary log. Plain Java that knows neither Camel nor Debezium.
 *
 * <p>API: the changes, which steps of routes see as bodies of exchanges.
 */
package io.mysqlmonitor.change;
