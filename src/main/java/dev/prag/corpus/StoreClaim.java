package dev.prag.corpus;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.UserException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/**
 * Whether the store of adapters belongs to this corpus. Two corpora in one store would be each other's end: what one
 * knows is nothing to the other.
 */
@ApplicationScoped
public class StoreClaim {
    @Inject
    AdapterStore store;

    @Inject
    Changes changes;

    @Inject
    Sql sql;

    private volatile boolean ours;

    /**
     * Makes the store this corpus's if it is nobody's; before anything is written or deleted there.
     *
     * @throws UserException of kind CONFLICT if it is another's
     */
    public void require() {
        if (ours) {
            return;
        }
        String corpus = changes.corpusId();
        String owner = store.claim(corpus);
        if (!owner.equals(corpus)) {
            throw new UserException(
                    UserException.Kind.CONFLICT,
                    "the store of adapters belongs to corpus " + owner + ", and this database is corpus " + corpus
                            + "; name the database that belongs to it (--database-url, or the home that has it), or"
                            + " another place for adapters (prag.store.url)");
        }
        ours = true;
    }

    /** As {@link #require} where the corpus has adapters; one without any has nothing there, and takes no store yet. */
    public void check() {
        if (!sql.strings("SELECT id FROM adapter LIMIT 1").isEmpty()) {
            require();
        }
    }
}
