/** The MySQL server by JDBC, and the search for a place in its binary log: status, requirements, GTIDs, explanations. Not API. */
package io.mysqlmonitor.server;
