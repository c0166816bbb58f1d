/** From the records of the engine to changes: values, masks, filters, statements about tables. Not API. */
package io.mysqlmonitor.transform;
