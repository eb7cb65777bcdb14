package dev.prag.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.answering.Answer;

/**
 * How long an answer took, by its steps; null for a step that isn't known, as of answers that were written down when only
 * the total was.
 *
 * @param retrieve finding the passages
 * @param compose bringing their adapters into the model
 * @param generate from submitting the prompt to the last token
 * @param total all of it
 */
record Seconds(Double retrieve, Double compose, Double generate, double total) {
    private static final double MILLIS = 1000;

    static Seconds of(Answer.Timings timings) {
        return new Seconds(
                timings.retrieve() / MILLIS,
                timings.compose() / MILLIS,
                timings.generate() / MILLIS,
                timings.total() / MILLIS);
    }

    /** Adds its fields to a line of the log. */
    void addTo(ObjectNode line) {
        line.put("retrieve", retrieve);
        line.put("compose", compose);
        line.put("generate", generate);
        line.put("seconds", total);
    }

    /** What {@link #addTo} wrote; the total is there. */
    static Seconds of(JsonNode line) {
        return new Seconds(
                Outcome.number(line.path("retrieve")),
                Outcome.number(line.path("compose")),
                Outcome.number(line.path("generate")),
                line.get("seconds").asDouble());
    }
}
