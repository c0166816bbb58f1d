/** The window in which changes of the same row become one, and the aggregation strategy that fills it. Not API. */
package io.mysqlmonitor.dedupe;
