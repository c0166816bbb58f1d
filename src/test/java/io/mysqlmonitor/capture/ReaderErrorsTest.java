package io.mysqlmonitor.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReaderErrorsTest {

    @ParameterizedTest
    @ValueSource(classes = {OutOfMemoryError.class, StackOverflowError.class, NoClassDefFoundError.class})
    void shouldTellWhichErrorEndedTheThreadThatReads(Class<? extends Error> type) throws Exception {
        Error error = type.getConstructor(String.class).newInstance("thrown by a test");
        List<Throwable> told = new CopyOnWriteArrayList<>();
        ReaderErrors errors = new ReaderErrors(told::add);
        Thread reader = new Thread(() -> {
            errors.onConnect(null);
            throw error;
        });

        reader.start();
        reader.join();

        assertThat(told).containsExactly(error);
    }
}
