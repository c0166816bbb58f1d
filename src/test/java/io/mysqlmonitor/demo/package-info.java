/** The demonstration: an embedded database and broker, and the monitor between them. */
package io.mysqlmonitor.demo;
