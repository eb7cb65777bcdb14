package dev.prag.retrieval;

import dev.prag.access.Principal;
import java.io.IOException;
import java.util.Collection;

/** What finds passages by their words: an index that is searched, and another one that may take its place. */
public interface SearchEngine extends AutoCloseable {
    /**
     * The best {@code k} passages that pass the filter, best first, those of equal scores by their ids; of passages with
     * the same text the best one.
     *
     * @param caller to whom what the caller may not read doesn't exist: it is neither found nor counted in any score
     */
    Found search(String question, int k, Filter filter, Principal caller) throws IOException;

    /** The same for whoever reads all. */
    default Found search(String question, int k, Filter filter) throws IOException {
        return search(question, k, filter, Principal.LOCAL);
    }

    /** How many passages of these ids searches see. */
    long count(Collection<String> passageIds) throws IOException;

    /** The number of the change up to which searches see the corpus. */
    long shown() throws IOException;

    /** Whether this process writes it now; where another one does, this one only searches. */
    boolean writes();

    /** Whether this process may come to write it. */
    boolean mayWrite();

    /** Whether other processes bring it up to date as well, so that it may be asked before this one has done so. */
    default boolean isShared() {
        return false;
    }

    /** The index that is searched, to be brought up to date; only where {@link #writes}. */
    FollowingIndex current() throws IOException;

    /**
     * Takes a newer state that another process has left for all, in place of its own, where there is one.
     *
     * @param last number of the corpus's last change
     * @return whether it did
     */
    default boolean jump(long last) throws IOException {
        return false;
    }

    /** Makes a new, empty index that nobody searches yet. */
    FollowingIndex fresh() throws IOException;

    /** Has searches see that one in place of the current one, which goes; the new one is committed first. */
    void install(FollowingIndex fresh) throws IOException;

    /** What is asked, as a message names it. */
    String name();

    @Override
    void close() throws IOException;
}
