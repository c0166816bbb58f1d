/**
 * What can be set: the properties ({@code MonitorProperties} defines each), their values from file and environment, the check of what is
 * given, and typed settings made of them.
 *
 * <p>API: {@link io.mysqlmonitor.config.MonitorConfiguration} and {@link io.mysqlmonitor.config.ConfigurationException}.
 */
package io.mysqlmonitor.config;
