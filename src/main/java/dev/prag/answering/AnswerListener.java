package dev.prag.answering;

import dev.prag.generation.Scorer;

/** Hears of an answer while it is written; called on the engine's thread, so it must not block. */
public interface AnswerListener {
    /** The next piece of what the model writes; pieces never end within a character. */
    void onText(String text);

    /**
     * The next token.
     *
     * @param text what became certain with it; may be empty
     * @param logprob its natural log-probability, before temperature
     * @param top the most probable tokens at its place, best first; null where none were asked for
     */
    default void onToken(int id, String text, float logprob, Scorer.Top top) {
        if (!text.isEmpty()) {
            onText(text);
        }
    }

    /**
     * Generation has begun; {@code cancel} ends the answer early, from any thread. Several times where the model rewrites
     * the question before it answers, or writes the answer in rounds.
     */
    default void onStart(Runnable cancel) {}

    /** Passages were retrieved; what is written after them isn't known yet. Called on the thread that asked. */
    default void onRetrieval(Retrieval retrieval) {}

    /**
     * The answer is written, and its adapters are still in force: for those who measure what they do. Called on the thread
     * that asked, once.
     */
    default void onWritten(Composed composed) {}

    /** Hears nothing. */
    AnswerListener NONE = text -> {};
}
