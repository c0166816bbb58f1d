package io.mysqlmonitor.supervise;

import io.mysqlmonitor.change.BinlogOrigin;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.server.BinlogSearch;
import io.mysqlmonitor.server.MysqlServer;
import io.mysqlmonitor.server.StartRefusedException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What {@link StartingPoint} asks of the server's binary log; see {@link BinlogSearch}. */
interface Places {

    BinlogSearch.Found find(String start, MysqlServer.Status server) throws SQLException, StartRefusedException;

    List<String> tablesDefinedSince(Instant time) throws SQLException;

    BinlogOrigin origin(MysqlServer.Status server) throws SQLException;

    /** Why a checkpoint is not of this binary log; empty if it is, as far as that can be told. */
    Optional<String> contradiction(BinlogOrigin origin, BinlogPosition checkpoint, MysqlServer.Status server)
            throws SQLException;

    static Places of(BinlogSearch search) {
        return new Places() {
            @Override
            public BinlogSearch.Found find(String start, MysqlServer.Status server)
                    throws SQLException, StartRefusedException {
                return search.find(start, server);
            }

            @Override
            public List<String> tablesDefinedSince(Instant time) throws SQLException {
                return search.tablesDefinedSince(time);
            }

            @Override
            public BinlogOrigin origin(MysqlServer.Status server) throws SQLException {
                return search.origin(server);
            }

            @Override
            public Optional<String> contradiction(
                    BinlogOrigin origin, BinlogPosition checkpoint, MysqlServer.Status server) throws SQLException {
                return search.contradiction(origin, checkpoint, server);
            }
        };
    }
}
