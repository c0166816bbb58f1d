/** What tests act in and compare with: a scene on the test servers, the program as a process, a workload, models of rows. */
package io.mysqlmonitor.testing;
