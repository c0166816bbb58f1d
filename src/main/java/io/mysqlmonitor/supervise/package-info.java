/** When capture runs: where it starts, the watch over it, back-off, drain, snapshot requests, heartbeat. Not API. */
package io.mysqlmonitor.supervise;
