package dev.prag.parameterization;

import dev.prag.base.UserException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much a run of the encoder takes from the queue: so many passages, or what it can begin to train within a time. Safe
 * for several threads.
 */
public final class EncodingBudget {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})([smh]?)");

    private final Duration time;
    private final long start = System.nanoTime();
    private int passages;

    private EncodingBudget(int passages, Duration time) {
        this.passages = passages;
        this.time = time;
    }

    /** All there is. */
    public static EncodingBudget unbounded() {
        return new EncodingBudget(Integer.MAX_VALUE, null);
    }

    /**
     * Reads a number of passages, such as {@code 500}, or a time, such as {@code 90s}, {@code 20m} or {@code 2h}.
     *
     * @throws UserException if it is neither
     */
    public static EncodingBudget of(String text) {
        Matcher parts = FORM.matcher(text.strip());
        if (!parts.matches() || Integer.parseInt(parts.group(1)) == 0) {
            throw new UserException(
                    "budget " + text + ": give a number of passages, such as 500, or a time, such as 90s, 20m or 2h");
        }
        int number = Integer.parseInt(parts.group(1));
        return switch (parts.group(2)) {
            case "s" -> new EncodingBudget(Integer.MAX_VALUE, Duration.ofSeconds(number));
            case "m" -> new EncodingBudget(Integer.MAX_VALUE, Duration.ofMinutes(number));
            case "h" -> new EncodingBudget(Integer.MAX_VALUE, Duration.ofHours(number));
            default -> new EncodingBudget(number, null);
        };
    }

    /** Whether not all there is may be taken. */
    synchronized boolean isBounded() {
        return time != null || passages != Integer.MAX_VALUE;
    }

    /** Of so many passages, how many may be taken now. */
    synchronized int left(int batch) {
        return isOver() ? 0 : Math.min(batch, passages);
    }

    /** Whether its time is over; never, for a number of passages. */
    boolean isOver() {
        return time != null && System.nanoTime() - start >= time.toNanos();
    }

    /** So many were taken. */
    synchronized void take(int taken) {
        passages -= taken;
    }
}
