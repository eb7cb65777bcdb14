package dev.prag.rest;

import dev.prag.access.Principal;
import dev.prag.answering.Answer;

/**
 * A question was answered: fired as an event by every face that answers, for whoever counts, traces, bills or audits.
 *
 * @param caller who asked
 * @param requestId of the request
 * @param model id of the model as the caller named it; null where the face has no such thing
 */
public record Answered(Answer answer, Principal caller, String requestId, String model) {}
