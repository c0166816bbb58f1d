package io.mysqlmonitor;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.mysqlmonitor", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule ARROWS_POINT_ONE_WAY = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("root")
            .definedBy("io.mysqlmonitor")
            .layer("observe")
            .definedBy("io.mysqlmonitor.observe")
            .layer("capture")
            .definedBy("io.mysqlmonitor.capture")
            .layer("publish")
            .definedBy("io.mysqlmonitor.publish")
            .layer("checkpoint")
            .definedBy("io.mysqlmonitor.checkpoint")
            .layer("dedupe")
            .definedBy("io.mysqlmonitor.dedupe")
            .layer("change")
            .definedBy("io.mysqlmonitor.change")
            .whereLayer("root")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("observe")
            .mayOnlyBeAccessedByLayers("root")
            .whereLayer("capture")
            .mayOnlyBeAccessedByLayers("root")
            .whereLayer("publish")
            .mayOnlyBeAccessedByLayers("root", "observe")
            .whereLayer("checkpoint")
            .mayOnlyBeAccessedByLayers("root", "observe")
            .whereLayer("dedupe")
            .mayOnlyBeAccessedByLayers("root", "checkpoint", "observe");

    @ArchTest
    static final ArchRule CHANGE_IS_PLAIN_JAVA = noClasses()
            .that()
            .resideInAPackage("io.mysqlmonitor.change")
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
