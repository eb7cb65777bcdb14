package dev.prag.corpus;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.List;

/** What the adapters under a model and recipe are worth, all together and the worst of them. */
@ApplicationScoped
public class AdapterMeasures {
    private static final String OF_TARGET = " FROM encoding e JOIN adapter_measure m ON m.encoding_id = e.id"
            + " WHERE e.model = ? AND e.recipe = ? AND e.state IN ('READY', 'WITHHELD')";

    private static final String GAIN = "coalesce(m.other, m.none) - m.own";

    @Inject
    Sql sql;

    /** A quantity that was measured. */
    public enum Quantity {
        GAIN(AdapterMeasures.GAIN),
        NEUTRAL("m.neutral");

        private final String expression;

        Quantity(String expression) {
            this.expression = expression;
        }
    }

    /**
     * How a quantity is distributed over adapters.
     *
     * @param count of the adapters; where it is 0, all numbers are
     * @param least and most, what counts reach from and to, in bins of equal width
     * @param counts how many adapters lie in each bin
     */
    public record Distribution(long count, double least, double median, double most, long[] counts) {
        /** Where a bin begins. */
        public double from(int bin) {
            return least + (most - least) * bin / counts.length;
        }
    }

    /** The worst first, by their gain. */
    @Transactional(TxType.REQUIRES_NEW)
    public List<MeasuredAdapter> worst(String model, String recipe, int most) {
        return sql.query(
                row -> {
                    double other = row.getDouble(10);
                    Double another = row.wasNull() ? null : other;
                    return new MeasuredAdapter(
                            row.getString(1),
                            row.getString(2),
                            row.getString(3),
                            row.getInt(4),
                            row.getString(5),
                            EncodingState.valueOf(row.getString(6)),
                            row.getString(7),
                            row.getString(8),
                            new AdapterMeasure(
                                    row.getDouble(9),
                                    another,
                                    row.getDouble(11),
                                    row.getDouble(12),
                                    row.getInt(13),
                                    row.getDouble(14),
                                    row.getDouble(15)));
                },
                "SELECT p.document_id, p.title, p.id, p.position, t.text, w.state, w.adapter_id, w.note, w.own, w.other,"
                        + " w.none, w.neutral, w.trainings, w.learning_rate, w.strength"
                        + " FROM (SELECT e.id, e.text_hash, e.state, e.adapter_id, e.note, m.own, m.other, m.none,"
                        + " m.neutral, m.trainings, m.learning_rate, m.strength, " + GAIN + " AS gain" + OF_TARGET
                        + " ORDER BY gain, e.id LIMIT ?) w"
                        + " JOIN passage_text t ON t.hash = w.text_hash"
                        + " JOIN LATERAL (SELECT p.id, p.document_id, p.position, d.title FROM passage p"
                        + " JOIN document d ON d.id = p.document_id WHERE p.text_hash = w.text_hash"
                        + " ORDER BY p.id LIMIT 1) p ON true ORDER BY w.gain, w.id",
                model,
                recipe,
                most);
    }

    /** How a quantity is distributed. */
    @Transactional(TxType.REQUIRES_NEW)
    public Distribution distribution(String model, String recipe, Quantity quantity, int bins) {
        String value = quantity.expression;
        Distribution ends = sql.first(
                        row -> new Distribution(
                                row.getLong(1), row.getDouble(2), row.getDouble(3), row.getDouble(4), new long[bins]),
                        "SELECT count(*), coalesce(min(v), 0), coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY v), 0),"
                                + " coalesce(max(v), 0) FROM (SELECT " + value + " AS v" + OF_TARGET + ") n",
                        model,
                        recipe)
                .orElseThrow();
        if (ends.count() > 0 && ends.least() < ends.most()) {
            sql.query(
                    row -> ends.counts()[row.getInt(1) - 1] = row.getLong(2),
                    "SELECT least(width_bucket(v, ?::double precision, ?::double precision, ?), ?) AS bin, count(*)"
                            + " FROM (SELECT " + value + " AS v" + OF_TARGET + ") n GROUP BY bin",
                    ends.least(),
                    ends.most(),
                    bins,
                    bins,
                    model,
                    recipe);
        } else {
            ends.counts()[0] = ends.count();
        }
        return ends;
    }
}
