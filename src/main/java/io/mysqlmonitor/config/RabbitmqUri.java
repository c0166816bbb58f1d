package io.mysqlmonitor.config;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An AMQP URI ({@code rabbitmq.uri}), as in <a href="https://www.rabbitmq.com/docs/uri-spec">RabbitMQ's specification</a>, with several
 * hosts if there are commas between them. User, password and virtual host are percent-decoded.
 *
 * @param tls whether the scheme is {@code amqps}
 * @param addresses {@code host:port}, or a comma-separated list of them
 * @param user user name; {@code guest} if the URI has none
 * @param password password; never in a message of an exception
 * @param virtualHost the virtual host; {@code /} if the URI has none
 */
record RabbitmqUri(boolean tls, String addresses, String user, String password, String virtualHost) {

    static final String PROPERTY = "rabbitmq.uri";

    /** The properties that the URI replaces. */
    private static final List<String> REPLACED =
            List.of("rabbitmq.addresses", "rabbitmq.user", "rabbitmq.password", "rabbitmq.vhost", "rabbitmq.ssl");

    private static final Pattern URI =
            Pattern.compile("(amqps?)://(?:([^@/]*)@)?([^@/?#]*)(?:/([^@/?#]*))?", Pattern.CASE_INSENSITIVE);
    private static final Pattern HOST = Pattern.compile("([^\\s:\\[\\]%]+|\\[[0-9A-Fa-f:.]+])(?::(\\d{1,5}))?");

    private static final int AMQP_PORT = 5672;
    private static final int AMQPS_PORT = 5671;
    private static final int MAX_PORT = 65_535;

    /**
     * @throws IllegalArgumentException if it is none; the message says why, without the text itself
     */
    static RabbitmqUri parse(String text) {
        String uri = text.strip();
        require(uri.matches("(?is)amqps?://.*"), "it does not begin with amqp:// or amqps://");
        require(
                !uri.matches("(?s).*[?#].*"),
                "it has a query (?) or a fragment (#); in a name or password write %3F or %23");
        require(
                uri.chars().filter(c -> c == '@').count() <= 1,
                "it has more than one @; in a name or password write %40");
        Matcher parts = URI.matcher(uri);
        require(
                parts.matches(),
                "it has a / or @ too many; in a name, a password or the virtual host write %2F for / and %40 for @");
        boolean tls = parts.group(1).equalsIgnoreCase("amqps");
        String addresses = addresses(parts.group(3), tls ? AMQPS_PORT : AMQP_PORT);
        String virtualHost = parts.group(4) == null ? "/" : decode(parts.group(4), "virtual host");
        require(
                !virtualHost.isEmpty(),
                "its virtual host is empty; write %2F for the virtual host /, or remove the / at the end");
        String login = parts.group(2);
        if (login == null) {
            return new RabbitmqUri(tls, addresses, "guest", "guest", virtualHost);
        }
        int colon = login.indexOf(':');
        require(colon > 0, "it has no user and password before the @, as in user:password@host");
        require(
                login.indexOf(':', colon + 1) < 0,
                "it has more than one : before the @; in a name or password write %3A");
        return new RabbitmqUri(
                tls,
                addresses,
                decode(login.substring(0, colon), "user"),
                decode(login.substring(colon + 1), "password"),
                virtualHost);
    }

    private static String addresses(String hosts, int defaultPort) {
        List<String> addresses = new ArrayList<>();
        for (String host : hosts.split(",", -1)) {
            Matcher address = HOST.matcher(host.strip());
            require(address.matches(), "a host is missing or is not host or host:port");
            int port = address.group(2) == null ? defaultPort : Integer.parseInt(address.group(2));
            require(port > 0 && port <= MAX_PORT, "a port is not a number from 1 to " + MAX_PORT);
            addresses.add(address.group(1) + ':' + port);
        }
        return String.join(",", addresses);
    }

    /** Percent-encoded UTF-8; unlike in a form, + is no blank. */
    private static String decode(String text, String part) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '%') {
                require(
                        text.substring(i).matches("(?s)%[0-9A-Fa-f]{2}.*"),
                        "its " + part + " has a % without two hexadecimal digits; write %25");
                bytes.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                int character = text.codePointAt(i);
                bytes.writeBytes(Character.toString(character).getBytes(StandardCharsets.UTF_8));
                i += Character.charCount(character) - 1;
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("its " + part + " is not UTF-8 where it is percent-encoded", e);
        }
    }

    private static void require(boolean condition, String problem) {
        if (!condition) {
            throw new IllegalArgumentException(problem);
        }
    }

    /**
     * Puts what the URI says, if one is given, in the place of the properties that it replaces.
     *
     * @param values of all properties, with their defaults
     * @param given the names of the properties that a user has given
     * @return a problem if one of those is given too
     */
    static List<String> replaceIn(Map<String, String> values, Set<String> given) {
        if (values.get(PROPERTY).isEmpty()) {
            return List.of();
        }
        List<String> doubled = REPLACED.stream()
                .flatMap(name -> Stream.of(name, name + Property.FILE))
                .filter(given::contains)
                .toList();
        if (!doubled.isEmpty()) {
            return List.of(PROPERTY + " cannot be combined with " + String.join(", ", doubled)
                    + ", which it replaces; remove one of them");
        }
        RabbitmqUri uri = parse(values.get(PROPERTY));
        values.put("rabbitmq.addresses", uri.addresses);
        values.put("rabbitmq.user", uri.user);
        values.put("rabbitmq.password", uri.password);
        values.put("rabbitmq.vhost", uri.virtualHost);
        values.put("rabbitmq.ssl", String.valueOf(uri.tls));
        return List.of();
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "RabbitMQ at " + addresses + ", vhost " + virtualHost;
    }
}
