/** Servers, networks, files and processes that fail, and events that cannot be read. */
package io.mysqlmonitor.faults;
