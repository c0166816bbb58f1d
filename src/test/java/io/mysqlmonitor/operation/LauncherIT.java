package io.mysqlmonitor.operation;

import static io.mysqlmonitor.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.testing.Program;
import io.mysqlmonitor.testing.Scene;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program by its launcher, with an archive of what a training run has left. */
class LauncherIT {

    @TempDir
    private Path folder;

    @Test
    void shouldStartByTheArchiveOfATrainingRun() throws Exception {
        Path classes = folder.resolve("classes.log");
        try (Scene scene = new Scene(folder)) {
            scene.sql("CREATE TABLE t (id INT PRIMARY KEY)");
            Program.configure(folder, scene.properties());
            try (Program program =
                    Program.launch(List.of(), folder, "train", "run", "--config", "monitor.properties")) {
                scene.awaitCheckpoint();
                scene.sql("INSERT INTO t VALUES (1)");
                await().until(() -> scene.changes().size() == 1);
                program.terminate();
                assertThat(program.await()).as(program.errors()).isEqualTo(143);
            }
            assertThat(folder.resolve("mysql-monitor.archive")).isNotEmptyFile();

            try (Program program = Program.launch(
                    List.of("-Xlog:class+load:file=" + classes), folder, "run", "--config", "monitor.properties")) {
                scene.sql("INSERT INTO t VALUES (2)");
                await().until(() -> scene.changes().size() == 2);
                assertThat(program.errors()).doesNotContain("ERROR");
            }
        }
        assertThat(classes)
                .content()
                .containsPattern("io\\.mysqlmonitor\\.capture\\.CaptureConsumer source: shared objects file");
    }

    @Test
    void shouldPassOverAnArchiveOfSomethingElse() throws Exception {
        Files.writeString(folder.resolve("mysql-monitor.archive"), "not an archive");

        try (Program program = Program.launch(List.of(), folder, "--version")) {
            assertThat(program.await()).isZero();
            assertThat(program.output()).startsWith("mysql-monitor ");
            assertThat(program.errors()).isEmpty();
        }
    }
}
