package io.mysqlmonitor.binlog;

import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDataDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import com.mysql.cj.CharsetMapping;
import io.mysqlmonitor.statement.DatabaseStatement;
import io.mysqlmonitor.statement.MysqlCharset;
import io.mysqlmonitor.statement.QualifiedNames;
import io.mysqlmonitor.statement.StatementText;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Reads a statement in the character set and the SQL mode of its session, which the event names. The client's own takes the
 * JVM's character set for both statement and database.
 */
final class StatementDeserializer implements EventDataDeserializer<QueryEventData> {

    // What the event says of the session, in this order; see Query_event in the server's source.
    private static final int FLAGS = 0;
    private static final int SQL_MODE = 1;
    private static final int CATALOG = 2;
    private static final int AUTO_INCREMENT = 3;
    private static final int CHARSET = 4;
    private static final int CATALOG_WITHOUT_END = 6;

    private final Supplier<String> server;

    /**
     * @param server version of the server that wrote the statement; empty if that is not known
     */
    StatementDeserializer(Supplier<String> server) {
        this.server = server;
    }

    @Override
    public QueryEventData deserialize(ByteArrayInputStream input) throws IOException {
        QueryEventData statement = new QueryEventData();
        statement.setThreadId(input.readLong(4));
        statement.setExecutionTime(input.readLong(4));
        int databaseLength = input.readInteger(1);
        statement.setErrorCode(input.readInteger(2));
        Session session = Session.read(input.read(input.readInteger(2)));
        statement.setDatabase(new String(input.read(databaseLength), StandardCharsets.UTF_8));
        input.skip(1);
        String sql = decode(input.read(input.available()), session.collation);
        boolean ofEachTransaction = sql.equals("BEGIN") || sql.equals("COMMIT");
        statement.setSql(ofEachTransaction ? sql : read(sql, session, statement.getDatabase()));
        return statement;
    }

    /** The statement as the connector's parser needs it. */
    private String read(String sql, Session session, String database) {
        String version = server.get();
        String text = StatementText.of(
                sql,
                new StatementText.Context(
                        version.isEmpty() ? Integer.MAX_VALUE : StatementText.version(version),
                        StatementText.isMariadb(version),
                        session.sqlMode));
        return DatabaseStatement.withCharset(
                QualifiedNames.in(text, database), ColumnCharsets.charset(session.serverCollation));
    }

    /**
     * @param collation number of the session's {@code character_set_client}; 0 if it is not known
     */
    private static String decode(byte[] sql, int collation) {
        String name = CharsetMapping.getStaticMysqlCharsetNameForCollationIndex(collation);
        Optional<MysqlCharset> own = MysqlCharset.of(name);
        if (own.isPresent()) {
            return own.get().decode(sql);
        }
        // A binary one says nothing: the server takes names in it for UTF-8.
        String encoding = name == null || name.equals("binary")
                ? null
                : CharsetMapping.getStaticJavaEncodingForCollationIndex(collation);
        return new String(sql, encoding == null ? StandardCharsets.UTF_8 : Charset.forName(encoding));
    }

    /**
     * @param collation that of {@code character_set_client}
     * @param serverCollation {@code collation_server}
     */
    private record Session(long sqlMode, int collation, int serverCollation) {

        static Session read(byte[] variables) throws IOException {
            long sqlMode = 0;
            ByteArrayInputStream input = new ByteArrayInputStream(variables);
            while (input.available() > 0) {
                switch (input.read()) {
                    case FLAGS, AUTO_INCREMENT -> input.skip(4);
                    case SQL_MODE -> sqlMode = input.readLong(8);
                    case CATALOG -> input.skip(input.read() + 1L);
                    case CATALOG_WITHOUT_END -> input.skip(input.read());
                    case CHARSET -> {
                        int client = input.readInteger(2);
                        input.skip(2); // of the connection
                        return new Session(sqlMode, client, input.readInteger(2));
                    }
                    default -> {
                        return new Session(sqlMode, 0, 0); // those above come first
                    }
                }
            }
            return new Session(sqlMode, 0, 0);
        }
    }
}
