/** The Debezium engine: its endpoint, its consumer, and all settings of the connector. Not API. */
package io.mysqlmonitor.capture;
