package io.mysqlmonitor.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** How long tests wait for what has to come. There is one limit for all: a test that passes does not need it. */
public final class Patience {

    /** Enough for a slow machine under load; {@code -Dtest.patience=PT10M} sets another. */
    public static final Duration PATIENCE = Duration.parse(System.getProperty("test.patience", "PT3M"));

    private static final Duration TO_BECOME_TRUE = Duration.ofSeconds(8);

    private Patience() {}

    /** Waits as Awaitility does, at most {@link #PATIENCE}. */
    public static ConditionFactory await() {
        return Awaitility.await().atMost(PATIENCE);
    }

    /**
     * @param what is awaited, for the message of a failure
     */
    public static ConditionFactory await(String what) {
        return Awaitility.await(what).atMost(PATIENCE);
    }

    /** Waits until a condition has been true for so long without a break; it must become true within a few seconds. */
    public static void awaitConstantly(Duration time, Callable<Boolean> condition) {
        Awaitility.await().during(time).atMost(time.plus(TO_BECOME_TRUE)).until(condition);
    }
}
