package io.mysqlmonitor.supervise;

import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.server.MysqlServer;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the supervisor asks of the database server; see {@link MysqlServer}. */
interface Database {

    MysqlServer.Status status(Optional<BinlogPosition> checkpoint) throws SQLException;

    /** Settings of the server that keep capture from running, one line each. */
    List<String> problems() throws SQLException;

    Map<String, Long> estimatedRows() throws SQLException;

    List<MysqlServer.Table> tables() throws SQLException;

    BinlogPosition withGtids(BinlogPosition place) throws SQLException;

    Optional<String> tableSnapshotProblem(String table, String where) throws SQLException;

    /** Why the server does not answer, and what to do about it. */
    String explain(SQLException cause);

    /** Why an engine ended. */
    String explainEnd(Throwable cause);

    static Database of(MysqlServer mysql) {
        return new Database() {
            @Override
            public MysqlServer.Status status(Optional<BinlogPosition> checkpoint) throws SQLException {
                return mysql.status(checkpoint);
            }

            @Override
            public List<String> problems() throws SQLException {
                return mysql.problems();
            }

            @Override
            public Map<String, Long> estimatedRows() throws SQLException {
                return mysql.estimatedRows();
            }

            @Override
            public List<MysqlServer.Table> tables() throws SQLException {
                return mysql.tables();
            }

            @Override
            public BinlogPosition withGtids(BinlogPosition place) throws SQLException {
                return mysql.withGtids(place);
            }

            @Override
            public Optional<String> tableSnapshotProblem(String table, String where) throws SQLException {
                return mysql.tableSnapshotProblem(table, where);
            }

            @Override
            public String explain(SQLException cause) {
                return mysql.problem(cause);
            }

            @Override
            public String explainEnd(Throwable cause) {
                return mysql.engineProblem(cause);
            }

            @Override
            public String toString() {
                return mysql.toString();
            }
        };
    }
}
