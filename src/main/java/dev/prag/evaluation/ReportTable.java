package dev.prag.evaluation;

import static dev.prag.evaluation.Report.BASELINE;
import static dev.prag.evaluation.Report.TOTAL;

import dev.prag.evaluation.Bootstrap.Interval;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A report as tables for people: F1 by row and type, with its interval, exact match and time in total; the differences to
 * plain RAG; what compositions do to log-probabilities; and which passages had to do without adapters.
 */
final class ReportTable {
    private static final int LEAST_WIDTH = 16;

    private final Map<String, Map<String, Tally>> rows;
    private final Map<String, AdapterTally> adapters;
    private final Map<String, ProbeTally> probes;
    private final Tally baseline;
    private final int width;
    private final StringBuilder table = new StringBuilder();

    /** @param baseline that the others are held against; null for none */
    ReportTable(
            Map<String, Map<String, Tally>> rows,
            Map<String, AdapterTally> adapters,
            Map<String, ProbeTally> probes,
            Tally baseline) {
        this.rows = rows;
        this.adapters = adapters;
        this.probes = probes;
        this.baseline = baseline;
        width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
    }

    @Override
    public String toString() {
        table.setLength(0);
        scores();
        others();
        if (baseline != null && rows.size() > 1) {
            differences();
        }
        if (probes.values().stream().anyMatch(tally -> tally.n() > 0)) {
            compositions();
        }
        adapters.forEach((row, tally) -> {
            if (tally.without() > 0) {
                line("%s: %s", row, tally.sentence());
            }
        });
        return table.toString();
    }

    private void scores() {
        SortedSet<String> types = new TreeSet<>();
        rows.values().forEach(tallies -> types.addAll(tallies.keySet()));
        types.remove(TOTAL);
        StringBuilder head = new StringBuilder(name("F1"));
        types.forEach(type -> head.append(cell(16, "%s", label(type))));
        line("%s%12s%16s%8s%12s%10s%10s", head, "total", "95%", "EM", "s/question", "p50", "p99");
        rows.forEach((row, tallies) -> {
            StringBuilder cells = new StringBuilder(name(row));
            for (String type : types) {
                Tally tally = tallies.get(type);
                cells.append(tally == null ? " ".repeat(16) : cell(16, "%.3f", tally.f1()));
            }
            Tally total = tallies.get(TOTAL);
            line(
                    "%s%12.3f%16s%8.3f%12.3f%10.3f%10.3f",
                    cells,
                    total.f1(),
                    interval("%.3f", total.f1Interval()),
                    total.em(),
                    total.seconds(),
                    total.seconds(Report.P50),
                    total.seconds(Report.P99));
        });
    }

    /** What else tells methods apart, in total. */
    private void others() {
        line(
                "%s%12s%12s%12s%12s%12s%12s%12s",
                name("total"), "precision", "recall", "presence", "retrieved", "rounds", "tokens", "ECE");
        rows.forEach((row, tallies) -> {
            Tally total = tallies.get(TOTAL);
            line(
                    "%s%12.3f%12.3f%12.3f%12s%12.2f%12.1f%12s",
                    name(row),
                    total.precision(),
                    total.recall(),
                    total.present(),
                    number(total.found()),
                    total.rounds(),
                    total.tokens(),
                    number(total.calibrationError()));
        });
    }

    private static String number(OptionalDouble value) {
        return value.isEmpty() ? "" : String.format(Locale.ROOT, "%.3f", value.getAsDouble());
    }

    private void differences() {
        line("%s%12s%16s", name("F1 - " + BASELINE), "total", "95%");
        rows.forEach((row, tallies) -> {
            Tally tally = tallies.get(TOTAL);
            if (tally != baseline) {
                Interval interval = Bootstrap.mean(Report.differences(tally, baseline));
                line("%s%+12.3f%16s", name(row), tally.f1() - baseline.f1(), interval("%+.3f", interval));
            }
        });
    }

    private void compositions() {
        line("%s%12s%12s%12s%16s%12s", name("nats a token"), "neutral", "worst", "answer", "95%", "own-wrong");
        probes.forEach((row, tally) -> {
            if (tally.n() > 0) {
                line(
                        "%s%+12.3f%+12.3f%+12.3f%16s%12s",
                        name(row),
                        tally.locality(),
                        tally.worstLocality(),
                        tally.gain(),
                        interval("%+.3f", tally.gainInterval()),
                        tally.pairs() == 0 ? "" : String.format(Locale.ROOT, "%+.3f", tally.ownGain()));
            }
        });
    }

    private String name(String row) {
        return String.format(Locale.ROOT, "%-" + Math.max(LEAST_WIDTH, width) + "s", row);
    }

    private static String cell(int columns, String format, Object value) {
        String text = String.format(Locale.ROOT, format, value);
        return " ".repeat(Math.max(1, columns - text.length())) + text;
    }

    private static String interval(String format, Interval interval) {
        return String.format(Locale.ROOT, format + ".." + format, interval.low(), interval.high());
    }

    private void line(String format, Object... values) {
        table.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
    }

    private String label(String type) {
        int n = rows.values().stream()
                .map(tallies -> tallies.get(type))
                .filter(tally -> tally != null)
                .mapToInt(Tally::n)
                .max()
                .orElse(0);
        return type + " (" + n + ")";
    }
}
