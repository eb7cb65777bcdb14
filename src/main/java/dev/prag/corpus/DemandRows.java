package dev.prag.corpus;

import dev.prag.corpus.Demand.Retrieved;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;

/** The tables of demand, over the connections of answers. No statement waits for a lock that a writer holds. */
@ApplicationScoped
class DemandRows {
    /** Doubles every 30 days, so that sums stay within a double for eighty years. */
    private static final String WORTH =
            "power(2::float8, extract(epoch FROM now() - timestamptz '2026-01-01 00:00:00Z')::float8 / 86400 / 30)";

    private static final String COUNTED = "unnest(?::text[], ?::text[]) AS c(id, n) JOIN passage p ON p.id = c.id";

    @Inject
    AnswerSql sql;

    /**
     * Adds retrievals of passages, and brings what waits to be encoded in line.
     *
     * @param counts as decimal numbers, in the order of the ids
     */
    void add(List<String> passageIds, List<String> counts) {
        // In one order, as several processes count.
        List<String> texts = sql.strings(
                "INSERT INTO demand AS d (text_hash, score) SELECT p.text_hash, sum(c.n::bigint) * " + WORTH + " FROM "
                        + COUNTED + " GROUP BY p.text_hash ORDER BY p.text_hash"
                        + " ON CONFLICT (text_hash) DO UPDATE SET score = d.score + excluded.score"
                        + " RETURNING text_hash",
                passageIds,
                counts);
        // One that an encoder or a writer holds just now is passed over, until it is retrieved again.
        sql.update(
                "UPDATE encoding e SET demand = d.score FROM demand d WHERE d.text_hash = e.text_hash AND e.id IN"
                        + " (SELECT id FROM encoding WHERE text_hash = ANY (?) AND state = 'PENDING' ORDER BY id"
                        + " FOR NO KEY UPDATE SKIP LOCKED)",
                texts);
    }

    /** Adds the retrievals to the day's, with how many of them have an adapter; forgets what is older than so many days. */
    void addDay(String model, String recipe, List<String> passageIds, List<String> counts, int keptDays) {
        sql.update(
                "INSERT INTO demand_day AS d (day, model, recipe, retrieved, adapters)"
                        + " SELECT current_date, ?, ?, sum(c.n::bigint),"
                        + " coalesce(sum(c.n::bigint) FILTER (WHERE e.state = 'READY'), 0)"
                        + " FROM " + COUNTED + " LEFT JOIN encoding e ON e.text_hash = p.text_hash AND e.model = ?"
                        + " AND e.recipe = ? HAVING count(*) > 0"
                        + " ON CONFLICT (model, recipe, day) DO UPDATE SET retrieved = d.retrieved + excluded.retrieved,"
                        + " adapters = d.adapters + excluded.adapters",
                model,
                recipe,
                passageIds,
                counts,
                model,
                recipe);
        sql.update("DELETE FROM demand_day WHERE day < current_date - ?", keptDays);
    }

    Retrieved retrieved(String model, String recipe, int days) {
        return sql.query(
                        row -> new Retrieved(row.getLong(1), row.getLong(2)),
                        "SELECT coalesce(sum(retrieved), 0), coalesce(sum(adapters), 0) FROM demand_day"
                                + " WHERE model = ? AND recipe = ? AND day > current_date - ?",
                        model,
                        recipe,
                        days)
                .getFirst();
    }
}
