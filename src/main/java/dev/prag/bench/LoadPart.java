package dev.prag.bench;

import dev.prag.base.IoReason;
import dev.prag.base.ThisProgram;
import dev.prag.base.UserException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * From the start of the process to the first token: {@code prag model generate} is started as a user starts it, gets one
 * line that asks for one token, and its answer is awaited. With a warm page cache, and with a cold one where this
 * process may empty it. The caller must not have the model open: mapped files stay in the page cache.
 */
public final class LoadPart {
    /** System property that holds the path of the {@code prag} script, where that started this process. */
    public static final String LAUNCHER = "prag.launcher";

    private static final String PART = "load";
    /** A line of {@code prag model generate} that asks for one token. */
    static final String QUESTION = "{\"text\":\"The answer is\",\"max_new_tokens\":1,\"ignore_eos\":true}\n";

    private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");
    private static final int LONGEST_MESSAGE = 2000;

    private LoadPart() {}

    /**
     * Measures with a warm page cache, then with a cold one.
     *
     * @param model a model folder; null where weights are made up, which can't be loaded
     * @param options further options of {@code prag model generate}, such as {@code --dtype f32}
     * @param warmups runs with a warm page cache that are not counted; one at least brings the files into it
     * @param runs counted runs of each
     * @param note told why a figure is left out
     * @throws UserException if the program gives no answer
     */
    public static List<Figure> run(Path model, List<String> options, int warmups, int runs, Consumer<String> note)
            throws Exception {
        if (model == null) {
            note.accept(
                    "the time to a first token is left out: weights that are made up are not loaded; name a folder with --model");
            return List.of();
        }
        List<String> command = new ArrayList<>(program());
        command.addAll(
                List.of("model", "generate", "--model", model.toAbsolutePath().toString()));
        command.addAll(options);
        List<Figure> figures = new ArrayList<>();
        double[] seconds = new double[runs];
        for (int i = -warmups; i < runs; i++) {
            double taken = firstToken(command);
            if (i >= 0) {
                seconds[i] = taken;
            }
        }
        figures.add(Figure.of(PART, "first token, page cache warm", "s", Spread.of(seconds)));
        for (int i = 0; i < runs; i++) {
            Optional<String> obstacle = emptyPageCache();
            if (obstacle.isPresent()) {
                note.accept("load with a cold page cache is left out: " + obstacle.get());
                return figures;
            }
            seconds[i] = firstToken(command);
        }
        figures.add(Figure.of(PART, "first token, page cache cold", "s", Spread.of(seconds)));
        return figures;
    }

    /** What starts this program: the launcher that started it, the native executable, else its own JVM again. */
    static List<String> program() {
        String launcher = System.getProperty(LAUNCHER);
        if (launcher != null) {
            return List.of(launcher);
        }
        return ThisProgram.command();
    }

    /** Seconds until the first line of the answer is there; returns after the process has ended. */
    private static double firstToken(List<String> command) throws IOException, InterruptedException {
        Path messages = Files.createTempFile("prag-bench-", ".log");
        Process process = null;
        try {
            long start = System.nanoTime();
            process =
                    new ProcessBuilder(command).redirectError(messages.toFile()).start();
            String answer = ask(process);
            double seconds = (System.nanoTime() - start) / 1e9;
            int exit = process.waitFor();
            if (answer == null || exit != 0) {
                throw new UserException(
                        UserException.Kind.ENVIRONMENT,
                        "`" + String.join(" ", command) + "` ended with exit code " + exit + " and "
                                + (answer == null ? "no answer" : "an answer") + ": " + said(messages));
            }
            return seconds;
        } finally {
            if (process != null) {
                process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
            Files.delete(messages);
        }
    }

    /** The first line of the answer; null if the process ended without one. */
    private static String ask(Process process) throws IOException {
        try (BufferedReader answers = process.inputReader(StandardCharsets.UTF_8)) {
            try (var questions = process.outputWriter(StandardCharsets.UTF_8)) {
                questions.write(QUESTION);
            } catch (IOException e) {
                // It ended before it read: what it said tells why.
                return null;
            }
            return answers.readLine();
        }
    }

    /** What a program said on standard error, its end if it is long. */
    static String said(Path messages) throws IOException {
        String all = Files.readString(messages).strip();
        return all.isEmpty()
                ? "it said nothing"
                : all.length() <= LONGEST_MESSAGE ? all : "…" + all.substring(all.length() - LONGEST_MESSAGE);
    }

    /** Has the kernel write what is dirty and forget what is clean; what is in the way, if something is. */
    private static Optional<String> emptyPageCache() throws InterruptedException {
        if (!Files.exists(DROP_CACHES)) {
            return Optional.of("this system has no " + DROP_CACHES);
        }
        try {
            new ProcessBuilder("sync").start().waitFor();
            Files.writeString(DROP_CACHES, "1\n");
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(
                    DROP_CACHES + " can't be written (" + IoReason.of(e) + "), which takes root on the machine itself");
        }
    }
}
