/** From the Debezium connector's records to row changes, and the supervision of the capture route. */
package io.mysqlmonitor.capture;
