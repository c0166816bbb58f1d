package io.mysqlmonitor.binlog;

import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDataDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import java.io.IOException;

/** Reads a LOAD DATA that was logged as a statement (EXECUTE_LOAD_QUERY), which the client does not. */
final class LoadStatementDeserializer implements EventDataDeserializer<QueryEventData> {

    /** Number of the file, the two ends of its name in the statement, and what becomes of duplicates. */
    private static final int FILE_BYTES = 13;

    @Override
    public QueryEventData deserialize(ByteArrayInputStream input) throws IOException {
        QueryEventData statement = new QueryEventData();
        statement.setThreadId(input.readLong(4));
        statement.setExecutionTime(input.readLong(4));
        input.skip(1); // length of the database's name
        statement.setErrorCode(input.readInteger(2));
        int variables = input.readInteger(2);
        input.skip(FILE_BYTES);
        input.skip(variables);
        statement.setDatabase(input.readZeroTerminatedString());
        statement.setSql(input.readString(input.available()));
        return statement;
    }
}
