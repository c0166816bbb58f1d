package io.mysqlmonitor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.LinkedHashMap;
import java.util.Map;

/** The rooms of the house, and the arrows between them. */
@AnalyzeClasses(packages = "io.mysqlmonitor", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "io.mysqlmonitor";
    private static final String[] NONE = {};

    /** Each room and the rooms that it may use. */
    private static final Map<String, String[]> ARROWS = arrows();

    private static Map<String, String[]> arrows() {
        Map<String, String[]> arrows = new LinkedHashMap<>();
        arrows.put("statement", NONE);
        arrows.put("change", rooms("statement"));
        arrows.put("message", rooms("change", "statement"));
        arrows.put("dedupe", rooms("change"));
        arrows.put("publish", rooms("change"));
        arrows.put("server", rooms("change"));
        arrows.put("binlog", rooms("change", "statement"));
        arrows.put("transform", rooms("change", "statement"));
        arrows.put("checkpoint", rooms("change", "dedupe", "statement"));
        arrows.put("capture", rooms("binlog", "change", "server", "transform"));
        arrows.put("observe", rooms("change", "checkpoint", "dedupe", "publish"));
        arrows.put("config", rooms("capture", "change", "checkpoint", "message", "publish", "server", "transform"));
        arrows.put(
                "supervise",
                rooms("binlog", "capture", "change", "checkpoint", "config", "dedupe", "publish", "server"));
        arrows.put(
                "root",
                rooms(
                        "capture",
                        "change",
                        "checkpoint",
                        "config",
                        "dedupe",
                        "message",
                        "observe",
                        "publish",
                        "server",
                        "supervise",
                        "transform"));
        arrows.put("command", rooms("change", "checkpoint", "config", "publish", "root", "server", "supervise"));
        return arrows;
    }

    private static String[] rooms(String... names) {
        return names;
    }

    @ArchTest
    static final ArchRule ARROWS_POINT_ONE_WAY = arrowsPointOneWay();

    private static ArchRule arrowsPointOneWay() {
        LayeredArchitecture house = layeredArchitecture().consideringOnlyDependenciesInLayers();
        for (String room : ARROWS.keySet()) {
            house = house.layer(room).definedBy(room.equals("root") ? ROOT : ROOT + '.' + room);
        }
        for (Map.Entry<String, String[]> arrow : ARROWS.entrySet()) {
            house = arrow.getValue().length == 0
                    ? house.whereLayer(arrow.getKey()).mayNotAccessAnyLayer()
                    : house.whereLayer(arrow.getKey()).mayOnlyAccessLayers(arrow.getValue());
        }
        return house;
    }

    @ArchTest
    static final ArchRule NO_CIRCLE =
            slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    /** An application that embeds the monitor may log with something else. */
    @ArchTest
    static final ArchRule THE_EXECUTABLE_ALONE_KNOWS_LOGBACK = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".command")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ch.qos.logback..");

    @ArchTest
    static final ArchRule THE_DOMAIN_IS_PLAIN_JAVA = noClasses()
            .that()
            .resideInAnyPackage(ROOT + ".change", ROOT + ".statement")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.camel..", "io.debezium..", "org.springframework..", "org.slf4j..");

    @ArchTest
    static final ArchRule IN_FLIGHT_AND_WINDOW_ARE_PLAIN_JAVA = noClasses()
            .that()
            .haveSimpleName("InFlight")
            .or()
            .haveSimpleName("Window")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.camel..", "io.debezium..", "org.springframework..", "org.slf4j..");
}
