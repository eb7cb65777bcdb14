package dev.prag.rest;

import dev.prag.access.Principal;
import dev.prag.answering.Answer;

/**
 * A question was answered: fired as an event by every face that answers, for whoever counts, traces, bills or audits.
 *
 * @param caller who asked
 * @param requestId of the request
 * @param model id of the model as the caller named it; null where the face has no such thing
 * @param operation as the semantic conventions for generative AI name it: chat or text_completion
 */
public record Answered(Answer answer, Principal caller, String requestId, String model, String operation) {
    /** A question of a face that has no models to choose from. */
    public Answered(Answer answer, Principal caller, String requestId, String model) {
        this(answer, caller, requestId, model, "chat");
    }
}
