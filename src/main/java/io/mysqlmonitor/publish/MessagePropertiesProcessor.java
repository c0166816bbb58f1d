package io.mysqlmonitor.publish;

import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.EventPosition;
import io.mysqlmonitor.change.Gap;
import io.mysqlmonitor.change.Heartbeat;
import io.mysqlmonitor.change.RowChange;
import java.time.Clock;
import java.util.Date;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.springrabbit.SpringRabbitMQConstants;
import org.springframework.amqp.core.MessageDeliveryMode;

/**
 * Gives a message its AMQP properties and headers, from the {@link Change}, {@link Heartbeat} or {@link Gap} that is
 * the body.
 *
 * <p>Headers of a change: {@code database}, {@code table} (if it is about one), {@code type}, {@code binlog_file}, {@code binlog_position},
 * {@code gtid} (where the server has them) and {@code merged}, the number of changes that the message stands for; of both
 * halves of a key change {@code key_change}, with the same value.
 */
public final class MessagePropertiesProcessor implements Processor {

    /** The AMQP property {@code app_id} of every message. */
    public static final String APP_ID = "mysql-monitor";

    /** Exchange property with the {@link Change} that the message is about. */
    static final String CHANGE = "MysqlMonitorChange";

    /** The headers of messages. */
    static final Set<String> HEADERS =
            Set.of("database", "table", "type", "binlog_file", "binlog_position", "gtid", "merged", "key_change");

    private final Clock clock;

    /**
     * @param clock gives the AMQP property {@code timestamp}
     */
    public MessagePropertiesProcessor(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(SpringRabbitMQConstants.CONTENT_TYPE, "application/json");
        message.setHeader(SpringRabbitMQConstants.CONTENT_ENCODING, "utf-8");
        message.setHeader(SpringRabbitMQConstants.DELIVERY_MODE, MessageDeliveryMode.PERSISTENT);
        message.setHeader(SpringRabbitMQConstants.TIMESTAMP, Date.from(clock.instant()));
        message.setHeader(SpringRabbitMQConstants.APP_ID, APP_ID);
        if (message.getBody() instanceof Gap gap) {
            setType(message, Gap.WIRE_NAME);
            setGap(message, gap);
        } else if (message.getBody() instanceof Change change) {
            exchange.setProperty(CHANGE, change);
            EventPosition position = change.position();
            message.setHeader(SpringRabbitMQConstants.MESSAGE_ID, change.id());
            setType(message, change.typeName());
            message.setHeader("database", change.database());
            if (change.tableName() != null) {
                message.setHeader("table", change.tableName());
            }
            message.setHeader("binlog_file", position.file());
            message.setHeader("binlog_position", position.position());
            if (position.gtid() != null) {
                message.setHeader("gtid", position.gtid());
            }
            message.setHeader("merged", change.merged());
            if (change instanceof RowChange row && row.keyChange() != null) {
                message.setHeader("key_change", row.keyChange());
            }
        } else if (message.getBody() instanceof Heartbeat) {
            setType(message, Heartbeat.WIRE_NAME);
        }
    }

    private static void setGap(Message message, Gap gap) {
        if (gap.reason() != null) {
            message.setHeader(SpringRabbitMQConstants.MESSAGE_ID, gap.id());
        }
        if (gap.database() != null) {
            message.setHeader("database", gap.database());
        }
        if (gap.tableName() != null) {
            message.setHeader("table", gap.tableName());
        }
    }

    private static void setType(Message message, String type) {
        message.setHeader(SpringRabbitMQConstants.TYPE, type);
        message.setHeader("type", type);
    }
}
