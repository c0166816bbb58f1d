package io.mysqlmonitor.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class HelpConfigTest {

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter errors = new StringWriter();

    @ParameterizedTest
    @CsvSource({
        "essential, mysql.host (localhost), mysql.ssl-mode",
        "common, mysql.ssl-mode (preferred), mysql.host (localhost)",
        "rare, rabbitmq.confirm-timeout (1m), mysql.host (localhost)",
    })
    void shouldPrintOneGroup(String group, String shown, String notShown) {
        assertThat(run("--help-config", group)).isZero();

        assertThat(out.toString())
                .contains("  " + shown)
                .doesNotContain("  " + notShown)
                .containsPattern("\n\\d+ more properties: --help-config shows all of them");
    }

    @ParameterizedTest
    @CsvSource({
        "password, mysql.password-file (none), mysql.host (localhost)",
        "FANOUT, rabbitmq.exchange-type (fanout), mysql.host (localhost)",
        "debezium, '  debezium.\n', mysql.host (localhost)",
    })
    void shouldPrintWhatIsAboutAWord(String word, String shown, String notShown) {
        assertThat(run("--help-config", word)).isZero();

        assertThat(out.toString())
                .contains("  " + shown.strip())
                .doesNotContain("  " + notShown)
                .doesNotContain("more properties");
    }

    @Test
    void shouldPrintAllWithoutReadingTheConfiguration() {
        assertThat(run("--config", folder.resolve("none").toString(), "--help-config"))
                .isZero();

        assertThat(out.toString())
                .contains(
                        "  mysql.user (required)\n      user of the monitor at the database server\n",
                        "  mysql.ssl-ca (those of the JVM)\n",
                        "  rabbitmq.confirm-timeout (1m)\n",
                        "  logging.level.\n")
                .doesNotContain("`", "](");
        assertThat(out.toString().lines()).allMatch(line -> line.length() <= 130);
    }

    @Test
    void shouldSayThatNothingIsAboutAWord() {
        assertThat(run("--help-config", "kafka")).isEqualTo(2);

        assertThat(errors.toString())
                .isEqualTo(
                        "mysql-monitor: --help-config kafka: no property has this in its name or description; give another "
                                + "word, essential, common, rare or all\n");
        assertThat(out.toString()).isEmpty();
    }

    private int run(String... arguments) {
        CommandLine commandLine = MysqlMonitorMain.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(errors, true));
        String[] all = new String[arguments.length + 1];
        all[0] = "run";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return commandLine.execute(all);
    }
}
