package io.mysqlmonitor;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The variables that Kubernetes (and Docker's links) put into the environment of a container for each service beside it. Those of a
 * service {@code mysql} look like properties of the monitor: {@code MYSQL_PORT=tcp://10.43.7.2:3306}.
 */
final class ServiceVariables {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceVariables.class);

    private static final Pattern NAME = Pattern.compile(
            ".*_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");
    private static final Pattern VALUE = Pattern.compile("(tcp|udp|sctp)://\\S+:\\d+");

    private ServiceVariables() {}

    /** The environment without them. Logs each whose name is that of a property of the monitor. */
    static Map<String, String> removedFrom(Map<String, String> environment) {
        Map<String, String> others = new TreeMap<>();
        environment.forEach((name, value) -> {
            if (name.endsWith("_PORT") && VALUE.matcher(value).matches()) {
                Options.ofVariable(name)
                        .ifPresent(property -> LOG.info(
                                "{}={} in the environment describes a service of Kubernetes and is not used for {}; set that "
                                        + "in the file, or enableServiceLinks: false for the pod",
                                name,
                                value,
                                property));
            } else if (!NAME.matcher(name).matches()) {
                others.put(name, value);
            }
        });
        return others;
    }
}
