package io.mysqlmonitor.checkpoint;

import java.nio.file.Path;

/** Another monitor works on the same data folder. */
public final class DataFolderInUseException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    DataFolderInUseException(Path folder, String holder) {
        super("the folder " + folder + " is in use by " + holder
                + "; stop that monitor, or give each monitor its own monitor.data");
    }
}
