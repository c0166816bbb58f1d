/** The database and the broker that tests and the demonstration run against. */
package io.mysqlmonitor.servers;
