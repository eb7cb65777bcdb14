package dev.prag.answering;

/** Hears of an answer while it is written; called on the engine's thread, so it must not block. */
public interface AnswerListener {
    /** The next piece of what the model writes; pieces never end within a character. */
    void onText(String text);

    /** Generation has begun; {@code cancel} ends it early, from any thread. */
    default void onStart(Runnable cancel) {}

    /** Hears nothing. */
    AnswerListener NONE = text -> {};
}
