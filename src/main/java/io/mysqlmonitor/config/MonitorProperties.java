package io.mysqlmonitor.config;

import static io.mysqlmonitor.config.Property.common;
import static io.mysqlmonitor.config.Property.essential;
import static io.mysqlmonitor.config.Property.rare;

import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.change.SchemaChange;
import io.mysqlmonitor.change.TableTruncate;
import io.mysqlmonitor.message.MessageModule;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All properties that there are, each defined here and nowhere else. A secret that is defined here brings the property that names a
 * file with its value.
 */
public final class MonitorProperties {

    static final String DEBEZIUM = "debezium.";
    static final String CAMEL = "camel.";
    static final String ROUTES = "routes.";
    static final String LOGGING_LEVEL = "logging.level.";

    /** Properties that are not the monitor's own, by what their names begin with: what they are for. */
    static final Map<String, String> PREFIXES = prefixes();

    static final PropertyType LOGGER_LEVEL = PropertyType.level("trace", "debug", "info", "warn", "error", "off");

    static final Map<String, ChangeType> OPERATIONS = operations();

    private static final String BYTES_IN_FLIGHT = "64MB";
    static final long MIN_SERVER_ID = 1;
    static final long MAX_SERVER_ID = 4_294_967_295L;

    private static final List<Property> DEFINED = List.of(
            essential("mysql.host", PropertyType.text(), "host of the database server")
                    .byDefault("localhost"),
            essential("mysql.port", PropertyType.port(), "port of the database server")
                    .byDefault("3306"),
            essential("mysql.user", PropertyType.text(), "user of the monitor at the database server")
                    .required(),
            essential("mysql.password", PropertyType.text(), "password of `mysql.user`")
                    .required()
                    .asSecret(),
            common(
                            "mysql.server-id",
                            PropertyType.number(MIN_SERVER_ID, MAX_SERVER_ID),
                            "the monitor's id as a replica; must differ from the id of every other replica")
                    .byDefault("", "derived from host name, `monitor.name` and `monitor.data`"),
            common(
                            "mysql.ssl-mode",
                            PropertyType.choice("disabled", "preferred", "required", "verify_ca", "verify_identity"),
                            "TLS: `disabled`, `preferred`, `required`, `verify_ca` or `verify_identity`")
                    .byDefault("preferred"),
            common(
                            "mysql.ssl-ca",
                            PropertyType.certificates(),
                            "PEM file with the certificate authorities to trust; needs `verify_ca` or `verify_identity`")
                    .byDefault("", "those of the JVM"),
            rare(
                    "mysql.ssl-cert",
                    PropertyType.certificates(),
                    "PEM file with the certificate (and its chain) that the monitor shows the server; needs `mysql.ssl-key`"),
            rare(
                    "mysql.ssl-key",
                    PropertyType.privateKey(),
                    "PEM file with the key of `mysql.ssl-cert` (PKCS#8, not encrypted)"),
            common("mysql.databases", PropertyType.patterns(), "databases to watch: names or regular expressions")
                    .byDefault("", "all"),
            common("mysql.databases.exclude", PropertyType.patterns(), "databases to leave out"),
            essential(
                            "mysql.tables",
                            PropertyType.patterns(),
                            "tables to watch: names or regular expressions such as `shop.order_.*`")
                    .byDefault("", "all"),
            common("mysql.tables.exclude", PropertyType.patterns(), "tables to leave out"),
            common(
                    "mysql.columns.exclude",
                    PropertyType.patterns(),
                    "columns to leave out, such as `shop.user.password`"),
            common("mysql.columns.mask", PropertyType.patterns(), "columns whose values are published as `***`")
                    .seeAlso("filters"),
            common(
                            "mysql.columns.hash",
                            PropertyType.patterns(),
                            "columns whose values are published as a hash; needs `mysql.columns.hash.salt`")
                    .seeAlso("filters"),
            common(
                            "mysql.columns.hash.salt",
                            PropertyType.text(),
                            "secret salt of `mysql.columns.hash`: a long random text")
                    .asSecret(),
            common(
                            "mysql.columns.truncate",
                            PropertyType.lengths(),
                            "columns whose text is shortened, with the number of characters to keep: `shop.article.body:100`")
                    .seeAlso("filters"),
            essential(
                            "rabbitmq.addresses",
                            PropertyType.addresses(),
                            "`host:port` of the broker, or a comma-separated list of nodes")
                    .byDefault("localhost:5672"),
            common(
                            "rabbitmq.uri",
                            PropertyType.rabbitmqUri(),
                            "`amqp://user:password@host:port/vhost`, or `amqps://` for TLS, with one host or several; replaces "
                                    + "`rabbitmq.addresses`, `rabbitmq.user`, `rabbitmq.password`, `rabbitmq.vhost` and `rabbitmq.ssl`")
                    .asSecret(),
            essential("rabbitmq.user", PropertyType.text(), "user at the broker")
                    .byDefault("guest"),
            essential("rabbitmq.password", PropertyType.text(), "password of `rabbitmq.user`")
                    .byDefault("guest")
                    .asSecret(),
            common("rabbitmq.vhost", PropertyType.text(), "virtual host of the broker")
                    .byDefault("/"),
            common(
                            "rabbitmq.ssl",
                            PropertyType.flag(),
                            "TLS to the broker (usually on port 5671); certificate and host name are verified")
                    .byDefault("false"),
            common(
                            "rabbitmq.ssl-ca",
                            PropertyType.certificates(),
                            "PEM file with the certificate authorities to trust at the broker")
                    .byDefault("", "those of the JVM"),
            rare(
                    "rabbitmq.ssl-cert",
                    PropertyType.certificates(),
                    "PEM file with the certificate (and its chain) that the monitor shows the broker; needs `rabbitmq.ssl-key`"),
            rare(
                    "rabbitmq.ssl-key",
                    PropertyType.privateKey(),
                    "PEM file with the key of `rabbitmq.ssl-cert` (PKCS#8, not encrypted)"),
            essential(
                            "rabbitmq.exchange",
                            PropertyType.exchange(),
                            "RabbitMQ exchange to publish to; may contain `{database}`, `{table}`, `{type}`, `{key}`, "
                                    + "`{key.COLUMN}` and `{value.COLUMN}`")
                    .byDefault("mysql-monitor")
                    .seeAlso("routing"),
            essential(
                            "rabbitmq.exchange-type",
                            PropertyType.exchangeType(),
                            "type of the RabbitMQ exchange: `fanout`, `topic`, `direct`, `headers`, or a plugin's type such as "
                                    + "`x-consistent-hash`")
                    .byDefault("fanout"),
            rare(
                    "rabbitmq.exchange-arguments",
                    PropertyType.arguments(),
                    "arguments of the RabbitMQ exchange: `name=value,...`"),
            rare(
                    "rabbitmq.alternate-exchange",
                    PropertyType.text(),
                    "your own exchange for messages that no queue accepts; works only with `rabbitmq.unroutable=drop`"),
            essential(
                            "rabbitmq.routing-key",
                            PropertyType.template(),
                            "routing key; may contain the same placeholders as the exchange, such as `{database}.{table}.{type}`")
                    .byDefault("monitor")
                    .seeAlso("routing"),
            common(
                            "rabbitmq.declare",
                            PropertyType.flag(),
                            "declare the RabbitMQ exchange (durable) on each connection; the queues of consumers are never declared")
                    .byDefault("true"),
            common(
                            "rabbitmq.unroutable",
                            PropertyType.choice("drop", "park", "stop"),
                            "what happens to a message that no queue accepts: `drop` it, as pub/sub does; `park` it in the queue "
                                    + "`<exchange>.unroutable`; or `stop` and send it again until a queue accepts it")
                    .byDefault("drop"),
            rare(
                            "rabbitmq.confirm-timeout",
                            PropertyType.duration(Duration.ofSeconds(1)),
                            "how long to wait for the confirms of a window before it is sent again")
                    .byDefault("1m"),
            common(
                            "monitor.name",
                            PropertyType.name(),
                            "name in logs, at MySQL, at the broker and in the checkpoint; a new name needs a new `monitor.data`")
                    .byDefault("mysql-monitor"),
            essential(
                            "monitor.data",
                            PropertyType.visibleText(),
                            "data folder, with `checkpoint.json` and `schema-history.jsonl`; keep it between restarts, and do not "
                                    + "share it between monitors")
                    .byDefault("data"),
            essential(
                            "monitor.start",
                            PropertyType.start(),
                            "where to start without a checkpoint: `latest`, `earliest`, `snapshot`, `<file>:<position>`, "
                                    + "`gtid:<set>` or `time:<instant>`")
                    .byDefault("latest")
                    .seeAlso("start"),
            essential(
                            "monitor.on-gap",
                            PropertyType.choice("stop", "latest", "earliest"),
                            "what to do if the server no longer has the changes after the checkpoint: `stop`, or continue at "
                                    + "`latest` or `earliest` after a `gap` message")
                    .byDefault("stop"),
            rare(
                            "monitor.on-unreadable",
                            PropertyType.choice("stop", "gap"),
                            "what to do at an event that may contain changes of a watched table but cannot be read: `stop` before it, or "
                                    + "publish a `gap` message in its place and continue")
                    .byDefault("stop"),
            rare(
                            "monitor.on-schema-loss",
                            PropertyType.choice("stop", "rebuild"),
                            "what to do if the definition of a table is lost, or was changed by a statement that the parser does not know: "
                                    + "`stop`, or `rebuild` the definitions from the current tables, which is correct if no table "
                                    + "was altered since the checkpoint")
                    .byDefault("stop"),
            common(
                            "monitor.decimal",
                            PropertyType.choice("string", "number"),
                            "publish `DECIMAL` as a `string`, or as a `number` with all its digits")
                    .byDefault("string")
                    .seeAlso("values"),
            essential(
                            "monitor.dedupe.window",
                            PropertyType.duration(Duration.ZERO),
                            "how long changes of the same row are merged; `0` publishes every change")
                    .byDefault("2s"),
            common(
                            "monitor.heartbeat.idle",
                            PropertyType.duration(Duration.ofSeconds(1)),
                            "a heartbeat message is sent after this time without another message")
                    .byDefault("30s"),
            rare(
                            "monitor.in-flight.rows",
                            PropertyType.number(2, 10_000_000),
                            "number of unconfirmed changes at which the monitor stops reading the binary log")
                    .byDefault("50000"),
            rare(
                            "monitor.in-flight.bytes",
                            PropertyType.bytes(),
                            "heap used by unconfirmed changes at which the monitor stops reading the binary log")
                    .byDefault(
                            bytesInFlight(Runtime.getRuntime().maxMemory()),
                            '`' + BYTES_IN_FLIGHT
                                    + "`, or a quarter of the heap if that is less (`-Xmx`; `jvm.options` sets 256 MB)"),
            rare(
                            "monitor.stall-timeout",
                            PropertyType.duration(Duration.ofSeconds(15)),
                            "capture restarts after this time without a sign of life from the binary log; ten times as long while "
                                    + "the definitions of all tables are read from the server")
                    .byDefault("1m"),
            common("monitor.http.enabled", PropertyType.flag(), "serve health and metrics over HTTP (executable only)")
                    .byDefault("true"),
            common("monitor.http.host", PropertyType.text(), "address to listen on for health and metrics")
                    .byDefault("127.0.0.1"),
            essential("monitor.http.port", PropertyType.port(), "port to listen on for health and metrics")
                    .byDefault("8090"),
            common(
                            "monitor.log.level",
                            PropertyType.level("trace", "debug", "info", "warn", "error"),
                            "level of the monitor's own loggers (executable only): `trace`, which shows values of rows, `debug`, "
                                    + "`info`, `warn` or `error`")
                    .byDefault("info"),
            common(
                            "monitor.log.format",
                            PropertyType.choice("text", "json"),
                            "format of the log on standard error (executable only): `text`, or `json` for one JSON object per line")
                    .byDefault("text"),
            common(
                            "monitor.dead-letter",
                            PropertyType.visibleText(),
                            "RabbitMQ exchange, with a queue of the same name, for changes that cannot be published")
                    .byDefault("mysql-monitor.dead-letter"),
            rare("monitor.message.max-bytes", PropertyType.bytes(), "larger message bodies go to the dead letters")
                    .byDefault("16MB"),
            common(
                            "monitor.message.key.columns",
                            PropertyType.keyColumns(),
                            "columns to use as the key of tables: `shop.audit:id,seq;shop.log:id`")
                    .byDefault("", "primary or unique key")
                    .seeAlso("keys"),
            common(
                    "monitor.message.include",
                    PropertyType.list(MessageModule.ADDITIONS),
                    "fields to add to the message body: `database`, `position`, `gtid`, `merged`"),
            common("monitor.operations", PropertyType.list(OPERATIONS.keySet()), "row changes to publish")
                    .byDefault("insert,update,delete")
                    .seeAlso("filters"),
            common(
                            "monitor.filter",
                            PropertyType.predicate(),
                            "rows to publish, such as `${body.value('status')} == 'paid'`")
                    .byDefault("", "all")
                    .seeAlso("filters"),
            common(
                            "monitor.message.types",
                            PropertyType.list(List.of(TableTruncate.WIRE_NAME, SchemaChange.WIRE_NAME)),
                            "message types to publish in addition to row changes: `table_truncate`, `schema_change`")
                    .seeAlso("schema-changes"));

    /** Each property, and behind each secret the one that names its file. */
    static final List<Property> ALL = DEFINED.stream()
            .flatMap(property -> Stream.concat(Stream.of(property), property.file().stream()))
            .toList();

    private MonitorProperties() {}

    private static Map<String, ChangeType> operations() {
        Map<String, ChangeType> operations = new LinkedHashMap<>();
        operations.put("insert", ChangeType.INSERT);
        operations.put("update", ChangeType.UPDATE);
        operations.put("delete", ChangeType.DELETE);
        return operations;
    }

    private static Map<String, String> prefixes() {
        Map<String, String> prefixes = new LinkedHashMap<>();
        prefixes.put(
                DEBEZIUM,
                "settings of the [Debezium connector](https://debezium.io/documentation/reference/stable/connectors/mysql.html)");
        prefixes.put(CAMEL, "settings of Camel Main, such as `camel.main.shutdownTimeout`");
        prefixes.put(
                LOGGING_LEVEL,
                "level of any logger (executable only): `logging.level.io.debezium=debug`; `off` too, and `root` for all others");
        prefixes.put(ROUTES, "properties for your own routes");
        return prefixes;
    }

    /** The property of that name. */
    static Optional<Property> find(String name) {
        return ALL.stream().filter(property -> property.name().equals(name)).findFirst();
    }

    /** The property that a variable of the environment sets. */
    static Optional<Property> ofVariable(String variable) {
        return ALL.stream()
                .filter(property -> property.variable().equals(variable))
                .findFirst();
    }

    /** Whether it is a property whose value may be shown. */
    public static boolean isPublic(String name) {
        return find(name).map(property -> !property.secret()).orElse(false);
    }

    /** Whether the value is not to be shown. Of properties that are not the monitor's own, the name tells. */
    static boolean isSecret(String name) {
        return find(name).map(Property::secret).orElseGet(() -> {
            String lower = name.toLowerCase(Locale.ROOT);
            return lower.endsWith("password") || lower.endsWith("salt");
        });
    }

    /** The default: what is in flight is held a second time, at worst, on its way in and out, and garbage needs its room. */
    static String bytesInFlight(long maxHeap) {
        return maxHeap / 4 < PropertyValues.toBytes(BYTES_IN_FLIGHT) ? String.valueOf(maxHeap / 4) : BYTES_IN_FLIGHT;
    }
}
