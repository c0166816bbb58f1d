package io.mysqlmonitor.binlog;

import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import java.io.IOException;

/** The header of an event with the number of its type, which the client forgets of types that it does not know. */
final class BinlogEventHeader extends EventHeaderV4 {

    private static final long serialVersionUID = 1L;
    /** The server says that a reader who does not know the event may pass over it. */
    private static final int IGNORABLE = 0x80;

    private static final int IGNORABLE_TYPE = 28;

    private final int typeNumber;

    BinlogEventHeader(int typeNumber) {
        this.typeNumber = typeNumber;
        EventType type = EventType.byEventNumber(typeNumber);
        setEventType(type == null ? EventType.UNKNOWN : type);
    }

    static BinlogEventHeader read(ByteArrayInputStream input) throws IOException {
        long seconds = input.readLong(4);
        BinlogEventHeader header = new BinlogEventHeader(input.readInteger(1));
        header.setTimestamp(seconds * 1000);
        header.setServerId(input.readLong(4));
        header.setEventLength(input.readLong(4));
        header.setNextPosition(input.readLong(4));
        header.setFlags(input.readInteger(2));
        return header;
    }

    /** The same for an event that nobody is to look at. */
    BinlogEventHeader ignorable() {
        BinlogEventHeader header = new BinlogEventHeader(IGNORABLE_TYPE);
        header.setTimestamp(getTimestamp());
        header.setServerId(getServerId());
        header.setEventLength(getEventLength());
        header.setNextPosition(getNextPosition());
        header.setFlags(getFlags());
        return header;
    }

    int typeNumber() {
        return typeNumber;
    }

    boolean isIgnorable() {
        return (getFlags() & IGNORABLE) != 0;
    }
}
