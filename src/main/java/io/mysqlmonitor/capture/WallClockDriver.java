package io.mysqlmonitor.capture;

import com.mysql.cj.jdbc.NonRegisteringDriver;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.LocalDateTime;
import java.util.Properties;
import java.util.Set;
import java.util.TimeZone;

/**
 * The JDBC driver by which Debezium reads tables in a JVM whose time zone changes its offset now and then.
 *
 * <p>Debezium reads a {@code DATETIME} of a snapshot by a calendar of the JVM's zone, which has no 02:30 on the day when summer time begins: the
 * value comes an hour later. There is no option against that, but one for the driver's class. What reads the value here is the
 * method that Debezium calls for {@code DATETIME} alone.
 */
public final class WallClockDriver extends NonRegisteringDriver {

    private static final Set<Class<?>> WRAPPED =
            Set.of(Statement.class, PreparedStatement.class, CallableStatement.class, ResultSet.class);

    /** Called by Debezium. */
    public WallClockDriver() throws SQLException {}

    /** Whether this JVM has a time zone in which some times of some days are skipped. */
    static boolean isNeeded() {
        return !TimeZone.getDefault().toZoneId().getRules().isFixedOffset();
    }

    @Override
    public Connection connect(String url, Properties properties) throws SQLException {
        Connection connection = super.connect(url, properties);
        return connection == null ? null : over(connection);
    }

    /** A connection whose result sets give each {@code DATETIME} as it is. */
    static Connection over(Connection connection) {
        return (Connection) over(Connection.class, connection);
    }

    private static Object over(Class<?> type, Object target) {
        InvocationHandler calls = (proxy, method, arguments) -> {
            if (target instanceof ResultSet row && isOfDateTime(method)) {
                return dateTime(row.getString((int) arguments[0]));
            }
            Object result = invoke(target, method, arguments);
            Class<?> returned = method.getReturnType();
            return result != null && WRAPPED.contains(returned) ? over(returned, result) : result;
        };
        return Proxy.newProxyInstance(WallClockDriver.class.getClassLoader(), new Class<?>[] {type}, calls);
    }

    private static boolean isOfDateTime(Method method) {
        return method.getName().equals("getTimestamp")
                && method.getParameterCount() == 2
                && method.getParameterTypes()[0] == int.class;
    }

    private static Timestamp dateTime(String text) {
        return text == null ? null : new WallClock(LocalDateTime.parse(text.replace(' ', 'T')));
    }

    /** Calls a method of what a proxy stands for; what that throws is thrown as it is. */
    static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** A timestamp that keeps the time that no instant of the JVM's zone has. */
    private static final class WallClock extends Timestamp {

        private static final long serialVersionUID = 1;

        private final LocalDateTime time;

        WallClock(LocalDateTime time) {
            super(valueOf(time).getTime());
            setNanos(time.getNano());
            this.time = time;
        }

        @Override
        public LocalDateTime toLocalDateTime() {
            return time;
        }
    }
}
