package dev.prag.corpus;

import dev.prag.base.Hashes;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;

/** Draws passages by chance, at a cost that doesn't grow with the corpus: ids are hashes, so any stretch of them is. */
@ApplicationScoped
public class PassageDraw {
    private static final String STRETCH = "SELECT id FROM passage WHERE id %s ? ORDER BY id LIMIT ?";

    @Inject
    Sql sql;

    /**
     * Ids of passages.
     *
     * @param most fewer only if the corpus has fewer
     * @param seed decides which, as long as the corpus stays as it is
     */
    public List<String> draw(int most, long seed) {
        String from = Hashes.sha256(Long.toString(seed)).substring(0, 32);
        List<String> ids = new ArrayList<>(sql.query(row -> row.getString(1), STRETCH.formatted(">="), from, most));
        if (ids.size() < most) {
            ids.addAll(sql.query(row -> row.getString(1), STRETCH.formatted("<"), from, most - ids.size()));
        }
        return ids;
    }
}
