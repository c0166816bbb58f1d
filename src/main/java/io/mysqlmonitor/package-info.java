/** The monitor as a whole: configuration, wiring into a Camel context, and the command line. */
package io.mysqlmonitor;
