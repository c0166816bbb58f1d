package io.mysqlmonitor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class UnreportedTest {

    private Instant now = Instant.EPOCH;
    private final Clock clock = ((InstantSource) () -> now).withZone(ZoneOffset.UTC);
    private final SignsOfLife signs = new SignsOfLife(Duration.ofSeconds(20), clock);
    private final CaptureFailure failure = new CaptureFailure();
    private final Unreported unreported = new Unreported(signs, failure);
    private final DefaultCamelContext context = new DefaultCamelContext();

    @Test
    void shouldFailWhenARecordLeavesTheRouteForNowhere() {
        unreported.handedOver(record());
        assertThat(failure.isSet()).as("it may be on its way").isFalse();

        unreported.endLatest();

        assertThat(failure.cause().orElseThrow()).hasMessageContaining("seda, wireTap, aggregate");
    }

    @Test
    void shouldFailAtTheNextRecordToo() {
        unreported.handedOver(record());

        unreported.handedOver(record());

        assertThat(failure.isSet()).isTrue();
    }

    @Test
    void shouldNotFailForARecordThatAStepEnded() {
        Exchange ended = record();
        unreported.handedOver(ended);
        ended.setRouteStop(true);

        unreported.endLatest();

        assertThat(failure.isSet()).isFalse();
    }

    @Test
    void shouldLeaveTheFirstCause() {
        IllegalStateException first = new IllegalStateException("thrown by a test");
        failure.set(first);
        unreported.handedOver(record());

        unreported.endLatest();

        assertThat(failure.cause()).contains(first);
    }

    @Test
    void shouldForgetTheRecordOfAnEarlierRun() {
        unreported.handedOver(record());

        unreported.clear();
        unreported.endLatest();

        assertThat(failure.isSet()).isFalse();
    }

    @Test
    void shouldWaitLongerForAReportWhenThereIsSomethingToReport() {
        signs.started();
        assertThat(unreported.mayBeReported()).isTrue();
        pass(1);
        assertThat(unreported.mayBeReported()).isFalse();

        unreported.taken();
        assertThat(unreported.isAny()).isTrue();
        assertThat(unreported.mayBeReported()).isTrue();
        pass(2);
        assertThat(unreported.mayBeReported())
                .as("within an XA transaction none comes")
                .isFalse();

        unreported.reported();
        assertThat(unreported.isAny()).isFalse();
    }

    private Exchange record() {
        return new DefaultExchange(context);
    }

    private void pass(long seconds) {
        now = now.plusSeconds(seconds);
    }
}
