package dev.prag.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Progress of long work on standard error: a bar where a person watches, else a line every few seconds. Safe for use by
 * many threads.
 */
public final class ProgressReport implements AutoCloseable {
    private static final int STEPS = 1000;
    private static final int WIDTH = 100;
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

    private final PrintWriter out;
    private final String task;
    private final ProgressBar bar;
    private long nextLine = System.nanoTime() + BETWEEN_LINES.toNanos();

    private ProgressReport(PrintWriter out, String task, boolean watched) {
        this.out = out;
        this.task = task;
        bar = watched ? bar(out, task) : null;
    }

    /**
     * Progress on the given writer, standard error's.
     *
     * @param task what is being done, in a word or two
     */
    public static ProgressReport open(PrintWriter err, String task) {
        return new ProgressReport(err, task, StandardError.isTerminal());
    }

    private static ProgressBar bar(PrintWriter out, String task) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(STEPS)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .setMaxRenderedLength(WIDTH)
                .setUpdateIntervalMillis(250)
                .hideEta()
                .setConsumer(new DelegatingProgressBarConsumer(line -> {
                    out.print("\r" + line);
                    out.flush();
                }))
                .build();
    }

    /**
     * Tells how far it is.
     *
     * @param fraction between 0 and 1
     * @param message what is being done, such as counts
     * @param left time that is likely left
     */
    public synchronized void update(double fraction, String message, Optional<Duration> left) {
        String tail =
                message + left.map(time -> ", about " + time(time) + " left").orElse("");
        if (bar != null) {
            bar.stepTo(Math.round(fraction * STEPS));
            bar.setExtraMessage(" " + tail);
        } else if (System.nanoTime() >= nextLine) {
            nextLine = System.nanoTime() + BETWEEN_LINES.toNanos();
            out.printf(Locale.ROOT, "%s: %.0f%%, %s%n", task, 100 * fraction, tail);
            out.flush();
        }
    }

    /** Writes a line that stays, above the bar if there is one. */
    public synchronized void line(String text) {
        out.println(bar == null ? text : "\r" + text + " ".repeat(Math.max(0, WIDTH - text.length())));
        out.flush();
    }

    /** Lets something else be written to the same terminal, such as rows of a table: the bar makes room for it. */
    public synchronized void aside(Runnable print) {
        clear();
        print.run();
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
            clear();
        }
    }

    private void clear() {
        if (bar != null) {
            out.print("\r" + " ".repeat(WIDTH) + "\r");
            out.flush();
        }
    }

    /** Such as {@code 4 s} or {@code 2 min 5 s}. */
    static String time(Duration duration) {
        long seconds = Math.max(1, Math.round(duration.toMillis() / 1000.0));
        if (seconds < 60) {
            return seconds + " s";
        }
        return seconds < 3600
                ? seconds / 60 + " min " + seconds % 60 + " s"
                : seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
    }
}
