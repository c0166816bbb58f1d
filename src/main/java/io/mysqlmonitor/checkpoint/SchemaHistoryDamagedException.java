package io.mysqlmonitor.checkpoint;

import java.io.IOException;
import java.nio.file.Path;

/** The schema history cannot be read, and without it no change can be. */
public final class SchemaHistoryDamagedException extends IOException {

    private static final long serialVersionUID = 1L;

    SchemaHistoryDamagedException(Path file, int line) {
        super("schema history " + file + " is damaged in line " + line);
    }
}
