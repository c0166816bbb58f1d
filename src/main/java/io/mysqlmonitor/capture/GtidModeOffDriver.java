package io.mysqlmonitor.capture;

import com.mysql.cj.jdbc.NonRegisteringDriver;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/**
 * The JDBC driver by which Debezium reads the binary log by file and position on a server that has GTIDs with tags.
 *
 * <p>Neither Debezium nor its binlog client can read a set with such GTIDs, and it asks for them wherever gtid_mode is ON. There is no
 * option against that, but one for the driver's class; so its connections give another answer to that question, and to no other. An interceptor of
 * MySQL's driver may not give answers.
 */
public final class GtidModeOffDriver extends NonRegisteringDriver {

    private static final String QUESTION = "SHOW GLOBAL VARIABLES LIKE 'GTID_MODE'";
    private static final String ANSWER = "SELECT 'gtid_mode', 'OFF'";

    /** Called by Debezium. */
    public GtidModeOffDriver() throws SQLException {}

    @Override
    public Connection connect(String url, Properties properties) throws SQLException {
        Connection connection = super.connect(url, properties);
        if (connection == null) {
            return null;
        }
        return over(Connection.class, WallClockDriver.isNeeded() ? WallClockDriver.over(connection) : connection);
    }

    private static <T> T over(Class<T> type, T target) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    boolean asked = arguments != null && arguments.length == 1 && QUESTION.equals(arguments[0]);
                    Object result = WallClockDriver.invoke(target, method, asked ? new Object[] {ANSWER} : arguments);
                    return method.getReturnType() == Statement.class && result != null
                            ? over(Statement.class, (Statement) result)
                            : result;
                }));
    }
}
