/** What a monitor shows of itself: health checks and metrics. */
package io.mysqlmonitor.observe;
