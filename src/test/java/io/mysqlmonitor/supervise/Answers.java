package io.mysqlmonitor.supervise;

import io.mysqlmonitor.capture.CaptureEndpoint;
import io.mysqlmonitor.change.BinlogOrigin;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.change.Gap;
import io.mysqlmonitor.server.BinlogSearch;
import io.mysqlmonitor.server.MysqlServer;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.CamelExecutionException;
import org.springframework.amqp.AmqpConnectException;
import org.springframework.amqp.AmqpException;

/** What servers and the capture route answer, without any. */
final class Answers implements Database, Destination, Places, CaptureRoute {

    static final BinlogPosition PLACE = new BinlogPosition("binlog.000003", 700, "");
    static final BinlogPosition END = new BinlogPosition("binlog.000005", 900, "");

    final List<String> asked = new ArrayList<>();
    final List<Gap> gaps = new ArrayList<>();
    boolean databaseDown;
    Error error;
    boolean brokerDown;
    boolean available = true;
    boolean gapRefused;
    List<String> problems = List.of();
    String missing;
    boolean started;
    boolean disconnected;
    int starts;

    void publish(Gap gap) {
        if (gapRefused) {
            throw new CamelExecutionException("refused", null, new IOException("thrown by a test"));
        }
        gaps.add(gap);
    }

    @Override
    public MysqlServer.Status status(Optional<BinlogPosition> checkpoint) throws SQLException {
        asked.add("database");
        if (error != null) {
            throw error;
        }
        if (databaseDown) {
            throw new SQLException("refused");
        }
        return new MysqlServer.Status(
                "MySQL 9.7.4", false, false, false, false, problems, PLACE, END, available, "server", true);
    }

    @Override
    public List<String> problems() {
        return problems;
    }

    @Override
    public List<MysqlServer.Table> tables() {
        return List.of();
    }

    @Override
    public Map<String, Long> estimatedRows() {
        return Map.of();
    }

    @Override
    public BinlogPosition withGtids(BinlogPosition place) {
        throw new UnsupportedOperationException("of MariaDB alone");
    }

    @Override
    public Optional<String> tableSnapshotProblem(String table, String where) {
        return table.equals("shop.a") ? Optional.empty() : Optional.of("it is not possible");
    }

    @Override
    public String explain(SQLException cause) {
        return "database explained";
    }

    @Override
    public String explainEnd(Throwable cause) {
        return "end explained";
    }

    @Override
    public void connect() {
        asked.add("broker");
        if (brokerDown) {
            throw new AmqpConnectException(new IOException("refused"));
        }
    }

    @Override
    public String explain(AmqpException cause) {
        return "broker explained";
    }

    @Override
    public BinlogSearch.Found find(String start, MysqlServer.Status server) {
        return new BinlogSearch.Found(END, null);
    }

    @Override
    public List<String> tablesDefinedSince(Instant time) {
        return List.of();
    }

    @Override
    public BinlogOrigin origin(MysqlServer.Status server) {
        return new BinlogOrigin("server", "binlog.000005", null);
    }

    @Override
    public Optional<String> contradiction(BinlogOrigin origin, BinlogPosition checkpoint, MysqlServer.Status server) {
        return Optional.empty();
    }

    @Override
    public boolean isStarted() {
        return started;
    }

    @Override
    public void start() {
        started = true;
        starts++;
    }

    @Override
    public void stop() {
        started = false;
    }

    @Override
    public Optional<CaptureEndpoint> endpoint() {
        return Optional.empty();
    }

    @Override
    public boolean isDisconnected() {
        return disconnected;
    }

    @Override
    public Optional<String> missingRoute() {
        return Optional.ofNullable(missing);
    }
}
