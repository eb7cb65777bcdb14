package dev.prag.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.UserException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * How the program's steps grow with the corpus: it is made larger step by step, in a home of its own with a database of
 * its own, and at each size the program is started anew and measures. No step may grow faster than the logarithm of the
 * size.
 */
public final class GrowthPart {
    /** The command that works and measures in the processes that this starts. */
    public static final String COMMAND = "bench-growth";
    /** What such a process prints once it has opened what a service opens. */
    public static final String READY = "ready";

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final double MILLI = 1e6;
    private static final double ROUNDING = 100;

    private GrowthPart() {}

    /**
     * One size.
     *
     * @param startMs from the start of the process until it has opened the database and the index, and has caught up
     * @param heapMegabytes of the process that ingested, after a collection
     */
    record Row(
            long passages,
            double ingestPerSecond,
            double statusMs,
            double takeMs,
            double startMs,
            double searchMs,
            double heapMegabytes) {}

    /** Measures at each size, the smallest first. */
    static List<Row> run(List<Integer> sizes, Path temporary, Consumer<String> note) throws Exception {
        List<Row> rows = new ArrayList<>();
        try (TemporaryFolder folder = new TemporaryFolder(temporary)) {
            Path home = folder.path().resolve("home");
            note.accept("growth works in a home of its own, " + home + ", with an embedded database, and deletes both");
            for (int passages : sizes.stream().sorted().distinct().toList()) {
                note.accept(String.format(Locale.ROOT, "growth: ingesting up to %,d passages", passages));
                JsonNode ingest = ask(home, null, "--ingest", Integer.toString(passages));
                long[] started = new long[1];
                JsonNode times = ask(home, started, "--measure");
                rows.add(new Row(
                        passages,
                        rounded(ingest.get("perSecond").asDouble()),
                        rounded(times.get("statusMs").asDouble()),
                        rounded(times.get("takeMs").asDouble()),
                        rounded(started[0] / MILLI),
                        rounded(times.get("searchMs").asDouble()),
                        rounded(ingest.get("heapMegabytes").asDouble())));
            }
        }
        return rows;
    }

    private static double rounded(double value) {
        return Math.round(value * ROUNDING) / ROUNDING;
    }

    /**
     * Runs the program on the home; returns its last line.
     *
     * @param ready is given the nanoseconds until it said so; null if it won't
     */
    private static JsonNode ask(Path home, long[] ready, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(LoadPart.program());
        command.addAll(List.of(COMMAND, "--home", home.toString()));
        command.addAll(List.of(arguments));
        Path messages = Files.createTempFile("prag-bench-", ".log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(messages.toFile());
        // Settings of the user's own must not lead to his data.
        builder.environment().keySet().removeIf(name -> name.startsWith("PRAG_") && !name.equals("PRAG_JAVA_OPTS"));
        long start = System.nanoTime();
        Process process = builder.start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            String last = null;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals(READY)) {
                    if (ready != null) {
                        ready[0] = System.nanoTime() - start;
                    }
                } else {
                    last = line;
                }
            }
            int exit = process.waitFor();
            if (exit != 0 || last == null) {
                throw new UserException(
                        UserException.Kind.ENVIRONMENT,
                        "growth can't be measured: "
                                + Files.readString(messages).strip());
            }
            return JSON.readTree(last);
        } catch (IOException e) {
            throw new UserException(UserException.Kind.ENVIRONMENT, "growth can't be measured: " + e.getMessage(), e);
        } finally {
            process.destroy();
            Files.delete(messages);
        }
    }
}
