/** What is captured and not yet confirmed, and the position from which a restart goes on. */
package io.mysqlmonitor.checkpoint;
