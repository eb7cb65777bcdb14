package dev.prag.corpus;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Duration;
import java.util.Optional;

/**
 * Counts that the database keeps by triggers, as sums of differences that whoever changes something appends: reading
 * them costs the same however much is counted.
 */
@ApplicationScoped
class Counts {
    /** Fewer rows aren't worth a sum. */
    private static final int WORTH = 200;
    /** Rows that one sum takes the place of. */
    private static final int MOST = 20_000;

    @Inject
    Sql sql;

    /** Passages by state under the model and recipe; those that have no row yet are pending. */
    EncodingCounts of(String model, String recipe) {
        return sql.query(
                        row -> {
                            long all = row.getLong(2);
                            long ready = row.getLong(4);
                            long failed = row.getLong(5);
                            long withheld = row.getLong(6);
                            long wait = row.getLong(7);
                            Optional<Duration> next = row.wasNull()
                                    ? Optional.empty()
                                    : Optional.of(Duration.ofMillis(Math.max(0, wait)));
                            return new EncodingCounts(
                                    row.getLong(1),
                                    all - ready - withheld - failed,
                                    row.getLong(3),
                                    ready,
                                    withheld,
                                    failed,
                                    next);
                        },
                        "SELECT c.documents, c.passages, e.leased, e.ready, e.failed, e.withheld,"
                                + " (SELECT ceil(extract(epoch FROM min(lease_until) - now()) * 1000)::bigint FROM encoding"
                                + " WHERE model = ? AND recipe = ? AND state = 'LEASED')"
                                + " FROM (SELECT coalesce(sum(documents), 0) AS documents,"
                                + " coalesce(sum(passages), 0) AS passages FROM corpus_count) c,"
                                + " (SELECT coalesce(sum(passages) FILTER (WHERE state = 'LEASED'), 0) AS leased,"
                                + " coalesce(sum(passages) FILTER (WHERE state = 'READY'), 0) AS ready,"
                                + " coalesce(sum(passages) FILTER (WHERE state = 'FAILED'), 0) AS failed,"
                                + " coalesce(sum(passages) FILTER (WHERE state = 'WITHHELD'), 0) AS withheld"
                                + " FROM encoding_count WHERE model = ? AND recipe = ?) e",
                        model,
                        recipe,
                        model,
                        recipe)
                .getFirst();
    }

    /** Passages by state of some texts. */
    EncodingCounts of(String model, String recipe, TextSelection texts) {
        return sql.query(
                        row -> {
                            long wait = row.getLong(6);
                            Optional<Duration> next = row.wasNull()
                                    ? Optional.empty()
                                    : Optional.of(Duration.ofMillis(Math.max(0, wait)));
                            return new EncodingCounts(
                                    documents(),
                                    row.getLong(1),
                                    row.getLong(2),
                                    row.getLong(3),
                                    row.getLong(4),
                                    row.getLong(5),
                                    next);
                        },
                        "SELECT coalesce(sum(passages) FILTER (WHERE state IN ('PENDING', 'LEASED')), 0),"
                                + " coalesce(sum(passages) FILTER (WHERE state = 'LEASED'), 0),"
                                + " coalesce(sum(passages) FILTER (WHERE state = 'READY'), 0),"
                                + " coalesce(sum(passages) FILTER (WHERE state = 'WITHHELD'), 0),"
                                + " coalesce(sum(passages) FILTER (WHERE state = 'FAILED'), 0),"
                                + " ceil(extract(epoch FROM min(lease_until) - now()) * 1000)::bigint"
                                + " FROM encoding WHERE model = ? AND recipe = ? AND "
                                + texts.condition("text_hash"),
                        texts.parameters(model, recipe))
                .getFirst();
    }

    long documents() {
        return sql.number("SELECT coalesce(sum(documents), 0) FROM corpus_count");
    }

    /** Puts sums in the place of many rows; several processes may do so at the same time. */
    @Transactional(TxType.REQUIRES_NEW)
    void compact() {
        if (isWorth("corpus_count")) {
            sql.update(
                    "WITH gone AS (DELETE FROM corpus_count WHERE ctid = ANY (ARRAY(SELECT ctid FROM corpus_count LIMIT ?"
                            + " FOR UPDATE SKIP LOCKED)) RETURNING documents, passages)"
                            + " INSERT INTO corpus_count SELECT sum(documents), sum(passages) FROM gone"
                            + " HAVING sum(documents) <> 0 OR sum(passages) <> 0",
                    MOST);
        }
        if (isWorth("encoding_count")) {
            sql.update(
                    "WITH gone AS (DELETE FROM encoding_count WHERE ctid = ANY (ARRAY(SELECT ctid FROM encoding_count"
                            + " LIMIT ? FOR UPDATE SKIP LOCKED)) RETURNING model, recipe, state, passages)"
                            + " INSERT INTO encoding_count SELECT model, recipe, state, sum(passages) FROM gone"
                            + " GROUP BY model, recipe, state HAVING sum(passages) <> 0",
                    MOST);
        }
        if (isWorth("augmentation_count")) {
            sql.update(
                    "WITH gone AS (DELETE FROM augmentation_count WHERE ctid = ANY (ARRAY(SELECT ctid FROM"
                            + " augmentation_count LIMIT ? FOR UPDATE SKIP LOCKED)) RETURNING key, name, n)"
                            + " INSERT INTO augmentation_count SELECT key, name, sum(n) FROM gone"
                            + " GROUP BY key, name HAVING sum(n) <> 0",
                    MOST);
        }
    }

    private boolean isWorth(String table) {
        return sql.number("SELECT count(*) FROM (SELECT FROM " + table + " LIMIT " + WORTH + ") n") == WORTH;
    }
}
