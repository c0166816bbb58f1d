/** To RabbitMQ: connection, message properties, publisher confirms, and the subscriber that prints. */
package io.mysqlmonitor.publish;
