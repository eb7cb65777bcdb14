package dev.prag.answering;

/** When passages are retrieved, and with what query. */
public interface Strategy {
    /** Its name, such as {@code flare}. */
    String name();

    /** Answers with the steps that the session offers, in the order that the strategy is made of. */
    Answer answer(AnswerSession session);

    /** Whether its answers can be kept to a JSON schema: those that are written in one go. */
    default boolean keepsToSchemas() {
        return true;
    }
}
