package dev.prag.extraction;

import dev.prag.base.BusyException;
import dev.prag.base.IoReason;
import dev.prag.base.NativeImage;
import dev.prag.extraction.RefusedException.Reason;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Reads files in processes of their own, which are started when there is something to read, used for many files, and
 * ended when there was nothing for a while.
 */
@ApplicationScoped
public class Extractions implements Extractor, AutoCloseable {
    /** Whatever a parser holds on to goes with its process. */
    private static final int FILES = 500;

    private static final Duration IDLE = Duration.ofMinutes(2);

    private final ExtractionConfig config;
    private final long largestText;
    private final Semaphore turns;
    private final Deque<Idle> idle = new ArrayDeque<>();
    private boolean closed;

    /** @param since nanoseconds of the system's clock */
    private record Idle(ExtractionProcess process, long since) {}

    @Inject
    public Extractions(
            ExtractionConfig config,
            @ConfigProperty(name = "prag.corpus.max-document-bytes", defaultValue = "10485760") int largestText) {
        this.config = config;
        this.largestText = largestText;
        this.turns = new Semaphore(Math.max(1, config.processes()), true);
    }

    @Override
    public Extracted extract(Path file, Format format) throws RefusedException {
        if (NativeImage.isRunning()) {
            throw new RefusedException(
                    Reason.UNSUPPORTED,
                    "can't be read by the native executable; use the program on a JVM for ." + format.extension()
                            + " files");
        }
        requireSmall(file);
        Duration patience = config.timeout().plusSeconds(10);
        try {
            if (!turns.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new BusyException("busy: other files are being read", Duration.ofSeconds(30));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BusyException("busy: the program is ending", patience);
        }
        ExtractionProcess process = take();
        try {
            return process.read(
                    new Wire.Request(file.toAbsolutePath().toString(), format, (int) largestText), config.timeout());
        } finally {
            giveBack(process);
            turns.release();
        }
    }

    private void requireSmall(Path file) throws RefusedException {
        long most = (long) config.maxFileMib() << 20;
        try {
            long size = Files.size(file);
            if (size > most) {
                throw new RefusedException(
                        Reason.TOO_LARGE,
                        "is too large: " + size + " bytes, where the limit is " + most
                                + "; cut it, or raise prag.extraction.max-file-mib");
            }
        } catch (IOException e) {
            throw new RefusedException(Reason.BROKEN, "can't be read: " + IoReason.of(e));
        }
    }

    private synchronized ExtractionProcess take() {
        while (!idle.isEmpty()) {
            ExtractionProcess process = idle.pop().process();
            if (process.isAlive()) {
                return process;
            }
            process.close();
        }
        return ExtractionProcess.start(config.memoryMib());
    }

    private synchronized void giveBack(ExtractionProcess process) {
        if (closed || !process.isAlive() || process.files() >= FILES) {
            process.close();
            return;
        }
        idle.push(new Idle(process, System.nanoTime()));
        Thread.ofVirtual().name("prag-extraction-idle").start(this::endIdle);
    }

    private void endIdle() {
        try {
            Thread.sleep(IDLE.plusSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        synchronized (this) {
            long now = System.nanoTime();
            idle.removeIf(one -> {
                boolean old = now - one.since() > IDLE.toNanos();
                if (old) {
                    one.process().close();
                }
                return old;
            });
        }
    }

    /** Ends all processes. */
    @Override
    @PreDestroy
    public synchronized void close() {
        closed = true;
        idle.forEach(one -> one.process().close());
        idle.clear();
    }
}
