/** What a monitor shows of itself: health checks and metrics. Not API. */
package io.mysqlmonitor.observe;
