/**
 * Measures how fast a backlog of the binary log is drained to RabbitMQ: by MySQL Monitor, by Debezium Server, and by the least program
 * that can do it.
 */
package io.mysqlmonitor.bench;
