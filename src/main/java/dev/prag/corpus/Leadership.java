package dev.prag.corpus;

/** Work that one of several processes does at a time. */
public interface Leadership extends AutoCloseable {
    /** Whether this process leads, now; if nobody does, it does from now on. */
    boolean isMine();

    /** Lets another process lead. */
    @Override
    void close();
}
