package dev.prag.bench;

/**
 * One line of the table.
 *
 * @param part of the bench, such as {@code decode}
 * @param name what was measured, such as {@code batch 8, 8 compositions}
 * @param unit of the spread, such as {@code tok/s}
 * @param spread of the counted runs
 * @param ratio how it compares with a ceiling or with another figure of the same run; null where nothing compares
 */
public record Figure(String part, String name, String unit, Spread spread, Ratio ratio) {
    /**
     * @param value figure divided by what it is compared with
     * @param of what that is, such as {@code read bandwidth}
     */
    public record Ratio(double value, String of) {}

    /** A figure that nothing compares with. */
    public static Figure of(String part, String name, String unit, Spread spread) {
        return new Figure(part, name, unit, spread, null);
    }

    public Figure compared(double value, String with) {
        return new Figure(part, name, unit, spread, new Ratio(value, with));
    }
}
