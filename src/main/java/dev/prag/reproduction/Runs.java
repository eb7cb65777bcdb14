package dev.prag.reproduction;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.reproduction.ResultFolder.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/** Runs what is missing, one run at a time, and what each needs before it. */
final class Runs {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int LAST_LINES = 8;

    private final ResultFolder folder;
    private final Program program;
    private final Fingerprints fingerprints;
    private final Path home;
    private final Consumer<String> told;
    private final Set<Run> done = new HashSet<>();
    private final Map<String, String> troubles = new LinkedHashMap<>();

    /**
     * @param home that the runs work on
     * @param told is given what happens, in lines
     */
    Runs(ResultFolder folder, Program program, Fingerprints fingerprints, Path home, Consumer<String> told) {
        this.folder = folder;
        this.program = program;
        this.fingerprints = fingerprints;
        this.home = home;
        this.told = told;
    }

    /**
     * The result of an evaluation, which is run if it isn't there under the same fingerprint.
     *
     * @throws RunFailedException if it fails, or what it needs
     */
    JsonNode result(Run evaluation) throws IOException, InterruptedException {
        require(evaluation);
        return folder.result(evaluation).map(Result::output).orElseThrow();
    }

    /** What runs that ended all the same couldn't do, in sentences. */
    List<String> troubles() {
        return List.copyOf(troubles.values());
    }

    private void require(Run run) throws IOException, InterruptedException {
        if (done.contains(run) || isThere(run)) {
            done.add(run);
            return;
        }
        for (Run need : run.needs()) {
            require(need);
        }
        execute(run);
        done.add(run);
    }

    private boolean isThere(Run run) throws IOException {
        Result known = folder.result(run).orElse(null);
        if (known == null || !known.fingerprint().equals(fingerprints.of(run))) {
            return false;
        }
        return switch (run.kind()) {
            case IMPORT -> run.outputs().stream().allMatch(Files::isRegularFile);
            case INGEST -> known.place().equals(place());
            case TRAIN -> false;
            case EVALUATE -> known.output() != null;
        };
    }

    /** Which home it is: another one at the same place has another lock. Empty if there is none. */
    private String place() throws IOException {
        Path lock = home.resolve("home.lock");
        return Files.exists(lock)
                ? Objects.toString(
                        Files.readAttributes(lock, BasicFileAttributes.class).fileKey(), "there")
                : "";
    }

    private void execute(Run run) throws IOException, InterruptedException {
        told.accept("$ " + run.commandLine());
        Path out = folder.output(run);
        Path log = folder.log(run);
        Files.writeString(
                log, "$ " + run.commandLine() + "\n", StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
        long start = System.nanoTime();
        int exit = program.run(run.arguments(), out, log);
        double seconds = (System.nanoTime() - start) / 1e9;
        String said = Files.exists(out) ? Files.readString(out) : "";
        boolean evaluation = run.kind() == Run.Kind.EVALUATE;
        if (!evaluation) {
            Files.writeString(log, said, StandardOpenOption.APPEND);
        }
        if (exit != 0 && !endedAllTheSame(run, exit, said)) {
            throw new RunFailedException(
                    exit,
                    "`" + run.commandLine() + "` ended with exit code " + exit + "; " + log + " has all that it said:\n"
                            + lastLines(log));
        }
        JsonNode output = evaluation ? json(run, said) : null;
        if (exit != 0) {
            troubles.put(run.name(), run.name() + ": " + said.strip().replace('\n', ' '));
        }
        folder.keep(
                run, new Result(fingerprints.of(run), run.kind() == Run.Kind.INGEST ? place() : "", output), seconds);
        Files.deleteIfExists(out);
        told.accept(String.format(Locale.ROOT, "  %.1f s", seconds) + (evaluation ? "" : ", " + firstLine(said)));
    }

    /** Encoding that came to its end and says so gave up some passages, which stand in the prompt then. */
    private static boolean endedAllTheSame(Run run, int exit, String said) {
        return run.arguments().getFirst().equals("encode") && exit == 1 && !said.isBlank();
    }

    private JsonNode json(Run run, String said) {
        try {
            JsonNode node = JSON.readTree(lastLine(said));
            if (node.path("answers").isArray()) {
                return node;
            }
        } catch (JsonProcessingException _) {
            // Told below, with where to look.
        }
        throw new RunFailedException(
                1,
                "`" + run.commandLine() + "` ended well and printed no result; " + folder.output(run)
                        + " has what it printed");
    }

    private static String firstLine(String said) {
        return said.lines().filter(line -> !line.isBlank()).findFirst().orElse("");
    }

    private static String lastLine(String said) {
        return said.lines().filter(line -> !line.isBlank()).reduce("", (before, line) -> line);
    }

    private static String lastLines(Path log) throws IOException {
        List<String> lines = Files.readString(log).lines().skip(1).toList();
        return lines.isEmpty()
                ? "  it said nothing"
                : String.join(
                        "\n",
                        lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()).stream()
                                .map(line -> "  " + line)
                                .toList());
    }
}
