package dev.prag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be told of the Dockerfiles without building them: they fit the project that they copy. */
class DockerfilesTest {
    private static final String NATIVE = "Dockerfile.native";
    private static final String JVM = "k8s/images/Dockerfile.jvm";

    /** The instructions, continued lines joined. */
    private static List<String> instructions(String file) throws IOException {
        return Files.readString(Path.of(file))
                .replaceAll("\\\\\n\\s*", "")
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(String::strip)
                .toList();
    }

    /** Those of the last stage, which becomes the image. */
    private static List<String> result(String file) throws IOException {
        List<String> all = instructions(file);
        int last = all.lastIndexOf(all.stream()
                .filter(line -> line.startsWith("FROM "))
                .reduce((a, b) -> b)
                .orElseThrow());
        return all.subList(last, all.size());
    }

    /** Arguments with their defaults. */
    private static Map<String, String> arguments(String file) throws IOException {
        Map<String, String> arguments = new HashMap<>();
        for (String line : instructions(file)) {
            if (line.startsWith("ARG ")) {
                String[] parts = line.substring(4).split("=", 2);
                arguments.put(parts[0], parts[1]);
            }
        }
        return arguments;
    }

    private static String pom() throws IOException {
        return Files.readString(Path.of("pom.xml"));
    }

    private static String inPom(String element) throws IOException {
        Matcher value =
                Pattern.compile("<" + element + ">([^<$]+)</" + element + ">").matcher(pom());
        assertTrue(value.find(), element);
        return value.group(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {NATIVE, JVM})
    void whatIsCopiedFromTheSourcesIsThereAndNotIgnored(String file) throws IOException {
        List<String> ignored = Files.readAllLines(Path.of(".dockerignore"));
        int copied = 0;
        for (String line : instructions(file)) {
            if (line.startsWith("COPY ") && !line.contains("--from=")) {
                String path = line.split("\\s+")[1];
                assertTrue(Files.exists(Path.of(path)), line);
                assertTrue(
                        ignored.stream().noneMatch(entry -> path.equals(entry) || path.startsWith(entry + "/")), line);
                copied++;
            }
        }
        assertEquals(4, copied);
    }

    @ParameterizedTest
    @ValueSource(strings = {NATIVE, JVM})
    void whatIsCopiedFromTheBuildIsWhatTheBuildMakes(String file) throws IOException {
        String all = String.join("\n", instructions(file));
        assertTrue(all.contains("COPY --from=build /src/target/sbom "), all);
        assertTrue(pom().contains("<outputDirectory>${project.build.directory}/sbom</outputDirectory>"));
        assertTrue(all.contains(" -Dsbom "), all);
        assertTrue(pom().contains("<name>sbom</name>"));
        if (file.equals(NATIVE)) {
            assertTrue(all.contains("COPY --from=build /src/target/" + inPom("finalName") + "-runner "), all);
            assertTrue(all.contains(" -Dnative "), all);
            assertTrue(pom().contains("<name>native</name>"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {NATIVE, JVM})
    void dependenciesAreThereBeforeTheSources(String file) throws IOException {
        List<String> steps = instructions(file);
        int project = steps.indexOf("COPY pom.xml ./");
        int sources = steps.indexOf("COPY src ./src");
        assertTrue(project >= 0 && project < sources, file);
        assertTrue(
                steps.subList(project, sources).stream()
                        .anyMatch(line -> line.startsWith("RUN ") && line.contains("mvn ")),
                file);
    }

    @ParameterizedTest
    @ValueSource(strings = {NATIVE, JVM})
    void everyBaseImageIsAnArgumentWithItsRegistryAndVersion(String file) throws IOException {
        Map<String, String> arguments = arguments(file);
        Set<String> stages = new HashSet<>();
        for (String line : instructions(file)) {
            if (!line.startsWith("FROM ")) {
                continue;
            }
            String[] words = line.split("\\s+");
            String image = words[1];
            if (!stages.contains(image)) {
                assertTrue(image.matches("\\$\\{\\w+}"), line);
                String argument = image.substring(2, image.length() - 1);
                String named = arguments.get(argument);
                assertTrue(
                        stages.contains(named) || named.matches("[a-z.]+\\.[a-z]+/[^:]+:[^:]+"), line + ": " + named);
            }
            if (words.length > 2) {
                stages.add(words[3]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {NATIVE, JVM})
    void versionsAreThoseOfTheProject(String file) throws IOException {
        String release = inPom("maven.compiler.release");
        Map<String, String> arguments = arguments(file);
        assertTrue(arguments.get("MAVEN_IMAGE").endsWith("-temurin-" + release));
        if (file.equals(NATIVE)) {
            assertTrue(arguments.get("BUILDER_IMAGE").endsWith(":jdk-" + release));
        }
        assertTrue(Files.readString(Path.of(file)).contains("-t prag:" + inPom("version")));
    }

    @ParameterizedTest
    @ValueSource(strings = {NATIVE, JVM})
    void theContainerHasNoRootAndItsUserHasANameAndAHome(String file) throws IOException {
        List<String> result = result(file);
        assertTrue(result.contains("USER 10001:10001"), file);
        assertEquals(1, result.stream().filter(line -> line.startsWith("USER ")).count(), file);
        assertTrue(result.contains("COPY --from=build --chown=10001:10001 /home/prag /home/prag"), file);
        assertTrue(result.contains("COPY --from=build /opt/passwd /etc/passwd"), file);
        assertTrue(
                instructions(file).stream().anyMatch(line -> line.contains(" prag:x:10001:10001::/home/prag:")), file);
    }

    @Test
    void theNativeOneSaysWhetherItLives() throws IOException {
        List<String> result = result(NATIVE);
        assertTrue(
                result.stream().anyMatch(line -> line.startsWith("HEALTHCHECK ") && line.contains("/q/health/live")),
                "HEALTHCHECK");
        assertTrue(result.stream().anyMatch(line -> line.startsWith("ENTRYPOINT [\"/app/prag\"")), "ENTRYPOINT");
    }

    /** The JDK of Maven's image lies below /opt/java, and jlink makes its folder itself. */
    @Test
    void theRuntimeIsMadeWhereTheImageOfMavenHasNothing() throws IOException {
        Matcher output = Pattern.compile("jlink\" --output (\\S+)").matcher(String.join("\n", instructions(JVM)));
        assertTrue(output.find());
        assertTrue(!"/opt/java/openjdk".startsWith(output.group(1)), output.group(1));
        assertTrue(result(JVM).contains("COPY --from=build " + output.group(1) + " /opt/java"), output.group(1));
    }
}
