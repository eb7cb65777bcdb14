package dev.prag.retrieval;

import dev.prag.corpus.Change;
import dev.prag.corpus.PassageSource;
import java.io.IOException;
import java.util.List;

/** An index that is brought from change to change of the corpus by one thread of one process. */
public interface FollowingIndex extends AutoCloseable {
    /** The number of the change up to which it is written, from which it goes on after any crash. */
    long written() throws IOException;

    /**
     * Takes in what the corpus has now of the documents that changed, in place of what it has of them. Searches see it
     * after {@link #show}. Whatever fails in the middle is done again by following the same changes again.
     *
     * @param changes in their order, from the first behind {@link #written}; not empty
     */
    void follow(List<Change> changes, PassageSource source) throws IOException;

    /** Lets searches see what is written. */
    void show() throws IOException;

    /** Makes what is written last, with its number. */
    void commit() throws IOException;

    /** How many passages searches see. */
    long passages() throws IOException;

    @Override
    void close() throws IOException;
}
