package dev.prag.base;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ThisProgramTest {
    @Test
    void aJarIsStartedAsThisOneWas() {
        assertEquals(
                List.of("/jdk/bin/java", "-Xmx2g", "-Dprag.demo=/my prag/demo", "-jar", "/my prag/quarkus-run.jar"),
                ThisProgram.command(
                        "/jdk/bin/java",
                        List.of("-Xmx2g", "-Dprag.demo=/my prag/demo"),
                        "/my prag/quarkus-run.jar",
                        "/my prag/quarkus-run.jar bench --part load"));
    }

    @Test
    void aMainClassIsStartedFromItsClassPath() {
        assertEquals(
                List.of("java", "-cp", "classes:lib/one.jar", "dev.prag.cli.Main"),
                ThisProgram.command("java", List.of(), "classes:lib/one.jar", "dev.prag.cli.Main bench"));
    }

    @Test
    void whatBelongsToThisProcessAloneIsNotPassedOn() {
        assertEquals(
                List.of("java", "--add-modules=jdk.incubator.vector", "-XX:AOTCache=prag.aot", "-jar", "prag.jar"),
                ThisProgram.command(
                        "java",
                        List.of(
                                "--add-modules=jdk.incubator.vector",
                                "-Dprag.stderr.fd=3",
                                "-Dprag.stderr.tty=true",
                                "-agentlib:jdwp=transport=dt_socket,server=y,address=5005",
                                "-XX:StartFlightRecording:filename=bench.jfr",
                                "-XX:AOTCache=prag.aot"),
                        "prag.jar",
                        "prag.jar bench"));
    }
}
