package dev.prag.llm.template;

import java.util.AbstractList;

/** A Python range. */
final class Range extends AbstractList<Object> {
    /** The longest the sandbox lets a template make. */
    private static final long LIMIT = 100_000;

    private final long start;
    private final long stop;
    private final long step;
    private final int size;

    Range(long start, long stop, long step) {
        if (step == 0) {
            throw new TemplateException("range() arg 3 must not be zero");
        }
        long count = step > 0
                ? Math.ceilDiv(Math.subtractExact(stop, start), step)
                : Math.ceilDiv(Math.subtractExact(start, stop), -step);
        if (count > LIMIT) {
            throw new TemplateException(
                    "Range too big. The sandbox blocks ranges larger than MAX_RANGE (" + LIMIT + ").");
        }
        this.start = start;
        this.stop = stop;
        this.step = step;
        this.size = (int) Math.max(0, count);
    }

    @Override
    public Object get(int index) {
        return start + index * step;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public String toString() {
        return "range(" + start + ", " + stop + (step == 1 ? ")" : ", " + step + ")");
    }
}
