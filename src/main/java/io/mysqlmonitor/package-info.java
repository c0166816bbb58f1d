/**
 * The monitor as a whole: what puts it into a Camel context, the beans that its routes name, and the route files.
 *
 * <p>API: {@link io.mysqlmonitor.MysqlMonitor}.
 */
package io.mysqlmonitor;
