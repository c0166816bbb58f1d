package io.mysqlmonitor.capture;

import io.debezium.data.Envelope;
import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.transform.RowChangeProcessor;
import io.mysqlmonitor.transform.TableChangeReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs Debezium's engine and sends each of its records through the route, in order; the consumer of {@link CaptureEndpoint}.
 *
 * <p>The engine is told that a batch is done only when all of it went through the route. When a record fails there, or the engine
 * dies of anything else, the cause goes to the exception handler and nothing of the batch counts as done; the consumer can then be stopped
 * and started again.
 */
public final class CaptureConsumer extends DefaultConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(CaptureConsumer.class);

    /** Debezium's headers of the delete and the insert. */
    private static final String NEW_KEY_HEADER = "__debezium.newkey";

    private static final String OLD_KEY_HEADER = "__debezium.oldkey";

    /** Insert, update, delete. */
    private static final Set<String> OPERATIONS = Set.of("c", "u", "d");

    private static final int START_SECONDS = 30;

    /** How long a start waits for what an engine that was given up hands over in this moment. */
    private static final int HANDOVER_SECONDS = 5;

    private final CaptureEndpoint endpoint;
    /** Held while a record goes through the route, and while a run begins. */
    private final ReentrantLock handover = new ReentrantLock();

    /** The run whose records are taken; null if none is. A run begins under the lock, and ends without it. */
    private volatile Run current;

    /** One start of the engine: an engine that did not stop in time may still hand over records when the next one runs. */
    final class Run {

        private final CountDownLatch begun = new CountDownLatch(1);
        private final TableChangeReader tableChanges = new TableChangeReader(endpoint::isWatched);

        // touched by the thread that starts and stops the consumer
        private DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine;
        private ExecutorService executor;

        private volatile boolean ended;
        /** The delete of a change of the primary key, until the insert comes; touched by the engine's thread. */
        private ChangeEvent<SourceRecord, SourceRecord> half;

        /** An engine that is closed while it fails throws an exception of its own. */
        private void read() {
            try {
                engine.run();
            } catch (RuntimeException e) {
                if (!ended) {
                    ended(false, null, e);
                }
            }
        }

        private void ended(boolean success, String message, Throwable error) {
            ended = true;
            begun.countDown();
            failed(error == null ? new IllegalStateException(message) : error);
        }

        private void failed(Throwable cause) {
            if (this == current && !isStoppingOrStopped()) {
                getExceptionHandler().handleException(cause);
            }
        }
    }

    CaptureConsumer(CaptureEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        Run run = new Run();
        begin(run);
        run.engine = DebeziumEngine.create(Connect.class)
                .using(endpoint.engineProperties(run::failed))
                .using(new DebeziumEngine.ConnectorCallback() {
                    @Override
                    public void pollingStarted() {
                        run.begun.countDown();
                    }
                })
                .using(run::ended)
                .notifying((records, committer) -> handleBatch(run, records, committer))
                .build();
        run.executor = endpoint.createExecutor(this);
        run.executor.execute(run::read);
    }

    private void begin(Run run) throws InterruptedException {
        if (!handover.tryLock(HANDOVER_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("an engine that did not stop in time still hands over a change");
        }
        try {
            current = run;
        } finally {
            handover.unlock();
        }
    }

    /** The run whose records are taken; null if none is. */
    Run run() {
        return current;
    }

    /**
     * @throws CaptureException if the route fails, or the batch is of an engine that was given up: the next one reads the same again
     */
    void handleBatch(
            Run run,
            List<ChangeEvent<SourceRecord, SourceRecord>> records,
            DebeziumEngine.RecordCommitter<ChangeEvent<SourceRecord, SourceRecord>> committer)
            throws InterruptedException {
        List<ChangeEvent<SourceRecord, SourceRecord>> batch = new ArrayList<>(records.size() + 1);
        if (run.half != null) {
            batch.add(run.half);
        }
        batch.addAll(records);
        // The insert that follows has the same offset, and none stands between the two: they go together.
        int last = batch.size() - 1;
        run.half = last >= 0 && has(batch.get(last).value(), NEW_KEY_HEADER) ? batch.remove(last) : null;

        int reported = batch.size();
        while (reported > 0 && !isReportable(batch.get(reported - 1).value())) {
            reported--;
        }
        for (int i = 0; i < reported; i++) {
            send(run, batch.get(i).value());
        }
        if (reported > 0) {
            committer.markProcessed(batch.get(reported - 1));
        }
        committer.markBatchFinished();
        // After the report, which is then known not to be about them.
        for (int i = reported; i < batch.size(); i++) {
            send(run, batch.get(i).value());
        }
    }

    /** Whether an engine that begins at the offset of a record reads all that comes after that record. */
    private static boolean isReportable(SourceRecord record) {
        return !isWithinXaTransaction(record) && !TableChangeReader.isOneOfSeveral(record);
    }

    /**
     * Debezium's MySQL connector does not know where an XA transaction begins. The offset of a row of one is the end of its event, with
     * a number of rows to skip: an engine that begins there would skip rows of the next event.
     */
    private static boolean isWithinXaTransaction(SourceRecord record) {
        Map<String, ?> offset = record.sourceOffset();
        return !offset.containsKey("event") && (offset.containsKey("row") || isChangeOfRow(record));
    }

    private static boolean isChangeOfRow(SourceRecord record) {
        return record.value() instanceof Struct value
                && value.schema().field(Envelope.FieldName.OPERATION) != null
                && OPERATIONS.contains(value.getString(Envelope.FieldName.OPERATION));
    }

    private static boolean has(SourceRecord record, String header) {
        return record.headers().lastWithName(header) != null;
    }

    private void send(Run run, SourceRecord record) {
        List<Change> statement = run.tableChanges.read(record);
        if (!statement.isEmpty()) {
            statement.forEach(change -> send(run, record, change));
            return;
        }
        Exchange exchange = endpoint.createDbzExchange(null, record);
        exchange.getExchangeExtension().setFromRouteId(getRouteId());
        if (has(record, NEW_KEY_HEADER) || has(record, OLD_KEY_HEADER)) {
            exchange.getMessage().setHeader(RowChangeProcessor.KEY_CHANGE, true);
        }
        if (hasPositionOfTransaction(record)) {
            exchange.setProperty(
                    RowChangeProcessor.EVENT_NUMBER, record.sourceOffset().get("event"));
        }
        send(run, exchange);
    }

    /** What a statement did to tables; to one of them, unless it exchanges a partition with another. */
    private void send(Run run, SourceRecord record, Change change) {
        Exchange exchange = endpoint.createDbzExchange(null, record);
        exchange.getExchangeExtension().setFromRouteId(getRouteId());
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setBody(change);
        send(run, exchange);
    }

    private void send(Run run, Exchange exchange) {
        handover.lock();
        try {
            if (run != current) {
                throw new IllegalStateException("this engine was given up, and the next one reads its changes again");
            }
            getProcessor().process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        } finally {
            handover.unlock();
        }
        if (exchange.getException() != null) {
            throw new CaptureException(exchange.getException());
        }
    }

    private static boolean hasPositionOfTransaction(SourceRecord record) {
        return record.value() instanceof Struct value
                && value.schema().field("source") != null
                && value.getStruct("source")
                        .get("pos")
                        .equals(record.sourceOffset().get("pos"));
    }

    /**
     * Whether the server ended the connection. Debezium's binlog client takes the end of the stream for the end of its work and
     * tells nobody, but its metrics know.
     */
    public boolean isDisconnected() {
        String connector = endpoint.isMariadb() ? "mariadb" : "mysql";
        String server = endpoint.getConfiguration().getTopicPrefix();
        try {
            Object disconnects = ManagementFactory.getPlatformMBeanServer()
                    .getAttribute(
                            new ObjectName("debezium." + connector + ":type=connector-metrics,context=streaming,server="
                                    + server),
                            "NumberOfDisconnects");
            return ((Number) disconnects).longValue() > 0;
        } catch (JMException e) {
            return false; // not there yet, or not any more
        }
    }

    @Override
    protected void doStop() throws Exception {
        Run run = current;
        if (run != null) {
            try {
                if (run.executor != null) {
                    closeEngine(run);
                    getEndpoint().getCamelContext().getExecutorServiceManager().shutdownGraceful(run.executor);
                }
            } finally {
                current = null;
            }
        }
        super.doStop();
    }

    /** The engine refuses to be closed while it starts and after it has died. */
    private static void closeEngine(Run run) throws IOException, InterruptedException {
        if (!run.begun.await(START_SECONDS, TimeUnit.SECONDS)) {
            LOG.warn("The engine did not start within {} s; its threads are given up", START_SECONDS);
            return;
        }
        if (!run.ended) {
            try {
                run.engine.close();
            } catch (IllegalStateException e) {
                LOG.debug("The engine ended by itself in this moment", e);
            }
        }
    }
}
