package io.mysqlmonitor.server;

import com.github.shyiko.mysql.binlog.network.IdentityVerificationException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import org.springframework.core.NestedExceptionUtils;

/** What an exception of the server or of the engine means for an operator, in one line. */
final class ServerProblems {

    private static final int SECURE_TRANSPORT_REQUIRED = 3159;
    private static final String NAME_IN_CERTIFICATE =
            "set mysql.host to a name in its certificate, or mysql.ssl-mode=verify_ca";

    private final MysqlSettings settings;

    ServerProblems(MysqlSettings settings) {
        this.settings = settings;
    }

    /** Why the server cannot be asked, and what to do about it. */
    String connection(SQLException e) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(e);
        if (root instanceof UnknownHostException) { // a second look-up says less than the first
            return settings + " is not available: unknown host "
                    + root.getMessage().replaceFirst(":.*", "") + "; check mysql.host";
        }
        String message = e.getMessage() != null && e.getMessage().startsWith("Communications link failure")
                ? root.getMessage()
                : e.getMessage();
        return settings + " is not available: " + oneLine(message) + "; " + remedy(e, oneLine(message));
    }

    private static String remedy(SQLException e, String message) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (state.startsWith("28")) {
            return "check mysql.user and mysql.password, and mysql.ssl-cert if the user has to show a certificate";
        }
        if (message.contains("PKIX path") || message.contains("trust anchors")) {
            return "name the file with the certificate of its authority in mysql.ssl-ca";
        }
        if (message.contains("identity verification")) {
            return NAME_IN_CERTIFICATE;
        }
        if (message.contains("SSL Connection required")) {
            return "set up TLS on the server, or set mysql.ssl-mode=preferred";
        }
        if (e.getErrorCode() == SECURE_TRANSPORT_REQUIRED) {
            return "set mysql.ssl-mode=required";
        }
        return state.startsWith("08")
                ? "check mysql.host and mysql.port and that the server runs"
                : "see the grants in the README and the settings in docs/servers.md";
    }

    /** Why the engine ended. */
    String engine(Throwable failure) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(failure);
        String message = oneLine(root.getMessage() == null ? root.toString() : root.getMessage());
        String remedy = "";
        if (message.contains("same server_uuid/server_id")) {
            remedy = "; mysql.server-id=" + settings.serverId()
                    + " is another replica's too, give the monitor one of its own";
        } else if (root instanceof OutOfMemoryError) {
            return MysqlServer.OUT_OF_MEMORY;
        } else if (root instanceof IdentityVerificationException) {
            // The JDBC driver, asked before, looks at a certificate's IP addresses too.
            remedy = "; it compares the names in the certificate only, and no IP addresses: " + NAME_IN_CERTIFICATE;
        }
        return root.getClass().getSimpleName() + ": " + message + remedy;
    }

    /** Without line breaks, and without a full stop at its end. */
    static String oneLine(String message) {
        return String.valueOf(message).replaceAll("\\s+", " ").replaceFirst("[. ]+$", "");
    }
}
