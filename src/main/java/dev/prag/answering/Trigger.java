package dev.prag.answering;

/**
 * Why passages were retrieved.
 *
 * @param name what kind of reason it is: question, token, sentence, attention, reasoning, confidence or classifier
 * @param detail the reason in words, with the figures that decided; null where the name says it all
 */
record Trigger(String name, String detail) {
    /** The question itself. */
    static final Trigger QUESTION = new Trigger("question", null);
}
