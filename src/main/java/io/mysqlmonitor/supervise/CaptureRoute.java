package io.mysqlmonitor.supervise;

import io.mysqlmonitor.capture.CaptureEndpoint;
import java.util.Optional;

/** The capture route, as far as it is supervised; see {@link CamelCaptureRoute}. */
interface CaptureRoute {

    boolean isStarted();

    void start() throws Exception;

    void stop() throws Exception;

    /** Its endpoint, also before its first start; empty if it is not one of the monitor's. */
    Optional<CaptureEndpoint> endpoint();

    /** Whether its engine has lost the connection to the server. */
    boolean isDisconnected();

    /** A route that what is captured needs and that does not run; empty if there is none. */
    Optional<String> missingRoute();
}
