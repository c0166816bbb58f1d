package io.mysqlmonitor.message;

import com.fasterxml.jackson.databind.module.SimpleModule;
import io.mysqlmonitor.change.DeadLetter;
import io.mysqlmonitor.change.Gap;
import io.mysqlmonitor.change.Heartbeat;
import io.mysqlmonitor.change.RowChange;
import io.mysqlmonitor.change.SchemaChange;
import io.mysqlmonitor.change.TableTruncate;
import io.mysqlmonitor.change.Undecided;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The JSON contract of the messages, as a Jackson module: how a {@link RowChange}, a {@link TableTruncate}, a
 * {@link SchemaChange}, a {@link Heartbeat}, a {@link Gap} and a {@link DeadLetter} are written.
 *
 * <p>The names and the shape are those of the predecessor, aventri/mysql-monitor. {@code timestamp} is the Unix second in
 * which the message is written.
 */
public final class MessageModule extends SimpleModule {

    /** Names that may be asked for beyond the default body, in the order in which they are written. */
    public static final List<String> ADDITIONS = List.of("database", "position", "gtid", "merged");

    private static final long serialVersionUID = 1;

    /**
     * @param clock gives {@code timestamp}
     * @param include the names out of {@link #ADDITIONS} to add to the body, after {@code table_name}
     */
    public MessageModule(Clock clock, Set<String> include) {
        Set<String> withDatabase = new HashSet<>(include);
        withDatabase.add("database"); // without it a statement about a database says nothing
        ChangeFields fields = new ChangeFields(clock, include);
        addSerializer(RowChange.class, new RowChangeSerializer(fields));
        addSerializer(TableTruncate.class, new TableTruncateSerializer(fields));
        addSerializer(SchemaChange.class, new SchemaChangeSerializer(new ChangeFields(clock, withDatabase)));
        addSerializer(DeadLetter.class, new DeadLetterSerializer(new ChangeFields(clock, Set.of("database"))));
        addSerializer(Heartbeat.class, new HeartbeatSerializer(clock));
        addSerializer(Gap.class, new GapSerializer(clock));
        addSerializer(Undecided.class, new UndecidedSerializer());
    }
}
