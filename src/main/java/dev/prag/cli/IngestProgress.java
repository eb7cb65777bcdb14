package dev.prag.cli;

import dev.prag.documents.FileReading;
import dev.prag.documents.NamedFile;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;

/**
 * How far the ingestion of a large file is: the share of its bytes, the rate, and the time that is left at the rate of the
 * last minute, as rows that were kept by an earlier call pass faster than others.
 */
final class IngestProgress implements FileReading.Progress, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(IngestProgress.class.getName());
    private static final long WINDOW = Duration.ofMinutes(1).toNanos();
    private static final long BETWEEN = Duration.ofSeconds(1).toNanos();
    private static final long BETWEEN_LOGS = Duration.ofMinutes(1).toNanos();
    /** What takes no longer needs no rate. */
    private static final long SHORT = Duration.ofSeconds(5).toNanos();

    private final ProgressReport report;
    private final long start = System.nanoTime();
    private final Deque<Seen> window = new ArrayDeque<>();
    private NamedFile current;
    private long documents;
    private long nextLog = start + BETWEEN_LOGS;

    private record Seen(long nanos, double fraction, long documents) {}

    IngestProgress(ProgressReport report) {
        this.report = report;
    }

    /** A document was read. */
    void add() {
        documents++;
    }

    @Override
    public void read(NamedFile file, long bytes, long of) {
        long now = System.nanoTime();
        if (!file.equals(current)) {
            current = file;
            window.clear();
        }
        if (!window.isEmpty() && now - window.getLast().nanos() < BETWEEN) {
            return;
        }
        double fraction = of == 0 ? 1 : Math.min(1, (double) bytes / of);
        window.addLast(new Seen(now, fraction, documents));
        while (window.size() > 2 && now - window.getFirst().nanos() > WINDOW) {
            window.removeFirst();
        }
        Seen first = window.getFirst();
        double seconds = (now - first.nanos()) / 1e9;
        if (seconds > 0) {
            double rate = (documents - first.documents()) / seconds;
            double gained = fraction - first.fraction();
            Optional<Duration> left = gained > 0
                    ? Optional.of(Duration.ofMillis((long) (1000 * seconds * (1 - fraction) / gained)))
                    : Optional.empty();
            String message = String.format(Locale.ROOT, "%,d documents, %,.0f a second", documents, rate);
            report.update(fraction, message, left);
            if (now >= nextLog) {
                nextLog = now + BETWEEN_LOGS;
                LOG.log(System.Logger.Level.INFO, "{0}: {1}", file.name(), message);
            }
        }
    }

    /** The rate of all, where it took long enough to have one. */
    Optional<String> rate() {
        long nanos = System.nanoTime() - start;
        if (nanos < SHORT) {
            return Optional.empty();
        }
        String said = String.format(
                Locale.ROOT,
                "%,d documents in %s, %,.0f a second",
                documents,
                ProgressReport.time(Duration.ofNanos(nanos)),
                documents / (nanos / 1e9));
        LOG.log(System.Logger.Level.INFO, said);
        return Optional.of(said);
    }

    @Override
    public void close() {
        report.close();
    }
}
