/**
 * What is captured and not yet confirmed, and the position from which a restart goes on.
 *
 * <p>API: {@link io.mysqlmonitor.checkpoint.CaptureStatus}.
 */
package io.mysqlmonitor.checkpoint;
