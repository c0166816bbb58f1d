/** How the engine reads events of the binary log, and what stops it before one that it cannot read. Not API. */
package io.mysqlmonitor.binlog;
