/** To RabbitMQ: connection, topology, message properties, publisher confirms, dead letters, and the subscriber that prints. Not API. */
package io.mysqlmonitor.publish;
