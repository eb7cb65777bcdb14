package dev.prag.retrieval;

import java.io.IOException;

/** What finds passages by their words: an index that is searched, and another one that may take its place. */
public interface SearchEngine extends AutoCloseable {
    /**
     * The best {@code k} passages that pass the filter, best first, those of equal scores by their ids; of passages with
     * the same text the best one.
     */
    Found search(String question, int k, Filter filter) throws IOException;

    /** The number of the change up to which searches see the corpus. */
    long shown() throws IOException;

    /** Whether this process may write it now; where another one does, this one only searches. */
    boolean writes();

    /** The index that is searched, to be brought up to date; only where {@link #writes}. */
    FollowingIndex current() throws IOException;

    /** Makes a new, empty index that nobody searches yet. */
    FollowingIndex fresh() throws IOException;

    /** Has searches see that one in place of the current one, which goes; the new one is committed first. */
    void install(FollowingIndex fresh) throws IOException;

    /** What is asked, as a message names it. */
    String name();

    @Override
    void close() throws IOException;
}
