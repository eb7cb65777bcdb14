package dev.prag.answering;

/** A way of answering. All of them use the same prompts, so that they differ in nothing but where knowledge comes from. */
public interface AnswerMethod {
    /** Its name, such as {@code in-context}. */
    String name();

    /** Answers with the steps that the session offers, in the order that the method is made of. */
    Answer answer(AnswerSession session);
}
