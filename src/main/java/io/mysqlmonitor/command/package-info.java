/** The command line: run, tail, snapshot, import. Not API. */
package io.mysqlmonitor.command;
