package dev.prag.extraction;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.extraction.RefusedException.Reason;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A process that reads files ({@link ExtractionMain}): a JVM of this program's own classes, with a heap of its own and
 * nothing of the environment, which holds passwords. It is killed when a file takes too long, and ends with this program.
 */
final class ExtractionProcess implements AutoCloseable {
    /** How a JVM ends that has no memory left, when it is told to. */
    static final int OUT_OF_MEMORY = 3;

    private final Process process;
    private final Path scratch;
    private final int memoryMib;
    private final DataOutputStream out;
    private final DataInputStream in;
    private int files;

    private ExtractionProcess(Process process, Path scratch, int memoryMib) {
        this.process = process;
        this.scratch = scratch;
        this.memoryMib = memoryMib;
        this.out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
        this.in = new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16));
    }

    /**
     * Starts one.
     *
     * @throws UserException of kind ENVIRONMENT if that can't be done
     */
    static ExtractionProcess start(int memoryMib) {
        try {
            Path scratch = Files.createTempDirectory("prag-extraction-");
            ProcessBuilder builder = new ProcessBuilder(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx" + memoryMib + "m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:-UsePerfData",
                    "-XX:+ExitOnOutOfMemoryError",
                    "-Xlog:disable",
                    "-Dfile.encoding=UTF-8",
                    "-Dsun.jnu.encoding=UTF-8",
                    "-Djava.awt.headless=true",
                    "-Djava.io.tmpdir=" + scratch,
                    "-cp",
                    System.getProperty("java.class.path"),
                    ExtractionMain.class.getName()));
            Map<String, String> environment = builder.environment();
            environment.clear();
            // Or names of files that aren't ASCII can't be opened.
            environment.put("LC_ALL", "C.UTF-8");
            builder.redirectError(ProcessBuilder.Redirect.DISCARD);
            return new ExtractionProcess(builder.start(), scratch, memoryMib);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "the process that reads files can't be started: " + IoReason.of(e)
                            + "; check memory, and space for temporary files",
                    e);
        }
    }

    /** How many files it has been given. */
    int files() {
        return files;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Has a file read. After it was refused for what it took, the process is gone. */
    Extracted read(Wire.Request request, Duration timeout) throws RefusedException {
        files++;
        CountDownLatch done = new CountDownLatch(1);
        boolean[] late = new boolean[1];
        Thread watch = Thread.ofVirtual().name("prag-extraction-watch").start(() -> {
            try {
                late[0] = !done.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
                if (late[0]) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            request.write(out);
            return Wire.read(in);
        } catch (IOException e) {
            throw ended(late, timeout, watch, e);
        } finally {
            done.countDown();
        }
    }

    private RefusedException ended(boolean[] late, Duration timeout, Thread watch, IOException e) {
        try {
            int code = process.waitFor();
            if (code == OUT_OF_MEMORY) {
                return new RefusedException(
                        Reason.TOO_HARD,
                        "takes more memory to read than the " + memoryMib
                                + " MiB there are for it; cut it, or raise prag.extraction.memory-mib");
            }
            // Whoever killed it has told by now why.
            if (!process.isAlive() && code != 0) {
                watch.join(100);
            }
            if (late[0]) {
                return new RefusedException(
                        Reason.TOO_HARD,
                        "takes longer to read than " + timeout.toSeconds()
                                + " s; cut it, or raise prag.extraction.timeout");
            }
            return new RefusedException(
                    Reason.BROKEN,
                    "made the process that reads files end (exit code " + code + "); open it and save it again");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try (Stream<Path> files = Files.walk(scratch)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            // What is left is temporary, and named so.
            return;
        }
    }
}
