package dev.prag.corpus;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.Timestamp;
import java.util.List;

/**
 * What passages are encoded under: each model and recipe that an encoder or an answering service has asked for. Writers
 * make the rows of new texts for each; texts that were there before get theirs by {@link #fill}, in short transactions
 * that say how far they are, so that a crash loses nothing and nobody waits for long.
 */
@ApplicationScoped
public class Targets {
    /** Texts that are given their rows while writers wait. */
    private static final int STEP = 500;

    @Inject
    Sql sql;

    @Inject
    Writers writers;

    @Inject
    AdapterRemoval removal;

    /** Asks for the encoding of all passages under the target, from now on. */
    public void register(Target target) {
        if (isRegistered(target.model(), target.recipe())) {
            return;
        }
        // Whoever writes next sees it; the others' texts are those up to fill_to.
        writers.write(() -> sql.update(
                "INSERT INTO target AS t (model, recipe, model_name, recipe_name, registered_at, filled_to, fill_to)"
                        + " SELECT ?, ?, ?, ?, now(), 0, coalesce(max(seq), 0) FROM passage_text"
                        + " ON CONFLICT (model, recipe) DO UPDATE"
                        + " SET removing = false, filled_to = 0, fill_to = excluded.fill_to WHERE t.removing",
                target.model(),
                target.recipe(),
                target.modelName(),
                target.recipeName()));
    }

    private boolean isRegistered(String model, String recipe) {
        return !sql.strings("SELECT model FROM target WHERE model = ? AND recipe = ? AND NOT removing", model, recipe)
                .isEmpty();
    }

    /**
     * Makes the rows of some of the texts that were there before the target was registered.
     *
     * @return whether there were any to make
     */
    public boolean fill(String model, String recipe) {
        String open = "SELECT filled_to, fill_to FROM target"
                + " WHERE model = ? AND recipe = ? AND filled_to < fill_to AND NOT removing";
        if (sql.query(row -> row.getLong(1), open, model, recipe).isEmpty()) {
            return false;
        }
        return writers.write(() -> {
            List<long[]> marks = sql.query(row -> new long[] {row.getLong(1), row.getLong(2)}, open, model, recipe);
            if (marks.isEmpty()) {
                return false;
            }
            long from = marks.getFirst()[0];
            long end = marks.getFirst()[1];
            long to = sql.number(
                    "SELECT coalesce(max(seq), ?) FROM (SELECT seq FROM passage_text WHERE seq > ? AND seq <= ?"
                            + " ORDER BY seq LIMIT ?) n",
                    end,
                    from,
                    end,
                    STEP);
            sql.update(
                    "INSERT INTO " + EncodingRows.COLUMNS + " SELECT t.hash, ?, ?, 'PENDING', t.seq, "
                            + EncodingRows.PASSAGES + ", now(), " + EncodingRows.DEMAND
                            + " FROM passage_text t WHERE t.seq > ? AND t.seq <= ?"
                            + " ORDER BY t.seq ON CONFLICT DO NOTHING",
                    model,
                    recipe,
                    from,
                    to);
            sql.update("UPDATE target SET filled_to = ? WHERE model = ? AND recipe = ?", to, model, recipe);
            return true;
        });
    }

    /** Makes the rows of some texts, whenever those of the others are made. */
    public void fill(String model, String recipe, TextSelection texts) {
        for (int from = 0; from < texts.hashes().size(); from += STEP) {
            List<String> some = texts.hashes()
                    .subList(from, Math.min(from + STEP, texts.hashes().size()));
            writers.write(() -> sql.update(
                    "INSERT INTO " + EncodingRows.COLUMNS + " SELECT t.hash, ?, ?, 'PENDING', t.seq, "
                            + EncodingRows.PASSAGES + ", now(), " + EncodingRows.DEMAND
                            + " FROM passage_text t WHERE t.hash = ANY (?) ON CONFLICT DO NOTHING",
                    model,
                    recipe,
                    some));
        }
    }

    /** Makes the rows of all texts. */
    public void fillAll(String model, String recipe) {
        boolean more = true;
        while (more) {
            more = fill(model, recipe);
        }
    }

    /** All targets, and what is left of those that aren't registered; in the order of registration. */
    public List<TargetView> list() {
        return sql.query(
                row -> {
                    Timestamp registered = row.getTimestamp(5);
                    long ready = row.getLong(9);
                    long failed = row.getLong(10);
                    long withheld = row.getLong(12);
                    return new TargetView(
                            new Target(row.getString(1), row.getString(2), row.getString(3), row.getString(4)),
                            registered == null ? null : registered.toInstant(),
                            row.getBoolean(6),
                            registered == null || row.getBoolean(6)
                                    ? row.getLong(7)
                                    : Math.max(0, row.getLong(11) - ready - withheld - failed),
                            row.getLong(8),
                            ready,
                            withheld,
                            failed);
                },
                "SELECT coalesce(t.model, c.model), coalesce(t.recipe, c.recipe), t.model_name, t.recipe_name,"
                        + " t.registered_at, coalesce(t.removing, false), coalesce(c.open, 0), coalesce(c.leased, 0),"
                        + " coalesce(c.ready, 0), coalesce(c.failed, 0),"
                        + " (SELECT coalesce(sum(passages), 0) FROM corpus_count), coalesce(c.withheld, 0)"
                        + " FROM target t FULL JOIN (SELECT model, recipe,"
                        + " coalesce(sum(passages) FILTER (WHERE state IN ('PENDING', 'LEASED')), 0) AS open,"
                        + " coalesce(sum(passages) FILTER (WHERE state = 'LEASED'), 0) AS leased,"
                        + " coalesce(sum(passages) FILTER (WHERE state = 'READY'), 0) AS ready,"
                        + " coalesce(sum(passages) FILTER (WHERE state = 'FAILED'), 0) AS failed,"
                        + " coalesce(sum(passages) FILTER (WHERE state = 'WITHHELD'), 0) AS withheld"
                        + " FROM encoding_count GROUP BY model, recipe HAVING bool_or(passages <> 0)) c"
                        + " ON c.model = t.model AND c.recipe = t.recipe"
                        + " WHERE t.model IS NOT NULL OR c.open + c.ready + c.withheld + c.failed > 0"
                        + " ORDER BY t.registered_at NULLS LAST, 1, 2");
    }

    /**
     * Ends the encoding under a target, and takes out the rows of passages that aren't encoded; in short transactions.
     * After a crash the next call goes on.
     *
     * @param adapters whether to take out the encoded ones, too, with their adapters
     * @return how many texts' rows went
     */
    public long remove(String model, String recipe, boolean adapters) {
        writers.write(
                () -> sql.update("UPDATE target SET removing = true WHERE model = ? AND recipe = ?", model, recipe));
        long removed = 0;
        long step;
        do {
            step = writers.write(() -> removeSome(model, recipe, adapters));
            removed += step;
        } while (step > 0);
        writers.write(
                () -> sql.update("DELETE FROM target WHERE model = ? AND recipe = ? AND removing", model, recipe));
        removal.run();
        return removed;
    }

    private long removeSome(String model, String recipe, boolean adapters) {
        // Where it was registered again meanwhile, its rows are wanted.
        if (isRegistered(model, recipe)) {
            return 0;
        }
        List<String> rows = sql.strings(
                "SELECT id::text FROM encoding WHERE model = ? AND recipe = ?"
                        + (adapters ? "" : " AND state <> 'READY'")
                        + " AND id IN (SELECT id FROM encoding WHERE model = ? AND recipe = ?"
                        + (adapters ? "" : " AND state <> 'READY'") + " LIMIT ?) ORDER BY id FOR UPDATE",
                model,
                recipe,
                model,
                recipe,
                STEP);
        if (rows.isEmpty()) {
            return 0;
        }
        if (adapters) {
            String those = "id IN (SELECT adapter_id FROM encoding WHERE id = ANY (?::bigint[]))";
            removal.note("target", those, rows);
            List<String> ids = sql.strings("SELECT id FROM adapter WHERE " + those, rows);
            sql.update("DELETE FROM encoding WHERE id = ANY (?::bigint[])", rows);
            sql.update("DELETE FROM adapter WHERE id = ANY (?)", ids);
        } else {
            sql.update("DELETE FROM encoding WHERE id = ANY (?::bigint[])", rows);
        }
        return rows.size();
    }

    /** The adapter up to which the store was last looked at under the target; empty at the beginning. */
    public String checkedTo(String model, String recipe) {
        return sql.first(
                        row -> row.getString(1),
                        "SELECT checked_to FROM target WHERE model = ? AND recipe = ?",
                        model,
                        recipe)
                .orElse("");
    }

    /** Notes how far the store was looked at. */
    public void checked(String model, String recipe, String adapterId) {
        QuarkusTransaction.requiringNew()
                .run(() -> sql.update(
                        "UPDATE target SET checked_to = ? WHERE model = ? AND recipe = ?", adapterId, model, recipe));
    }
}
