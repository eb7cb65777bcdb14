package dev.prag.rest;

/** What a process is for. The command that runs it says so, by {@link #SETTING}. */
public enum ProcessRole {
    /** Answers questions and takes documents. */
    SERVE,
    /** Turns pending passages into adapters. */
    ENCODE,
    /** Writes the index that answering processes open. */
    INDEX;

    /** Configuration property that names the role. */
    public static final String SETTING = "prag.role";

    /** Whether it answers, for which the weights have to be resident. */
    boolean answers() {
        return this == SERVE;
    }

    /** Whether it opens the retrieval index. */
    boolean opensIndex() {
        return this != ENCODE;
    }
}
