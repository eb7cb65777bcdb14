package dev.prag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What can be told of Dockerfile.native without building it: it fits the project that it copies. */
class DockerfileNativeTest {
    private static final Path FILE = Path.of("Dockerfile.native");

    /** The instructions, continued lines joined. */
    private static List<String> instructions() throws IOException {
        return Files.readString(FILE)
                .replaceAll("\\\\\n\\s*", "")
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(String::strip)
                .toList();
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

    @Test
    void whatIsCopiedFromTheSourcesIsThereAndNotIgnored() throws IOException {
        List<String> ignored = Files.readAllLines(Path.of(".dockerignore"));
        int copied = 0;
        for (String line : instructions()) {
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

    @Test
    void whatIsCopiedFromTheBuildIsWhatTheBuildMakes() throws IOException {
        String all = String.join("\n", instructions());
        assertTrue(all.contains("COPY --from=build /src/target/" + inPom("finalName") + "-runner "), all);
        assertTrue(all.contains("COPY --from=build /src/target/sbom "), all);
        assertTrue(pom().contains("<outputDirectory>${project.build.directory}/sbom</outputDirectory>"));
        for (String option : List.of("native", "sbom")) {
            assertTrue(all.contains(" -D" + option + " "), option);
            assertTrue(pom().contains("<name>" + option + "</name>"), option);
        }
    }

    @Test
    void versionsAreThoseOfTheProject() throws IOException {
        String release = inPom("maven.compiler.release");
        for (String line : instructions()) {
            if (line.startsWith("FROM ") && line.contains(" AS ")) {
                assertTrue(line.matches(".*[-:](jdk-|temurin-)" + release + " AS \\w+"), line);
            }
        }
        assertTrue(Files.readString(FILE).contains("-t prag:" + inPom("version") + "-native"));
    }

    @Test
    void theContainerHasNoRootAndSaysWhetherItLives() throws IOException {
        List<String> instructions = instructions();
        int last = instructions.lastIndexOf(instructions.stream()
                .filter(line -> line.startsWith("FROM "))
                .reduce((a, b) -> b)
                .orElseThrow());
        List<String> result = instructions.subList(last, instructions.size());
        assertEquals(
                1,
                result.stream()
                        .filter(line -> line.matches("USER [1-9]\\d*:[1-9]\\d*"))
                        .count(),
                "USER");
        assertTrue(
                result.stream().anyMatch(line -> line.startsWith("HEALTHCHECK ") && line.contains("/q/health/live")),
                "HEALTHCHECK");
        assertTrue(result.stream().anyMatch(line -> line.startsWith("ENTRYPOINT [\"/app/prag\"")), "ENTRYPOINT");
    }
}
