package dev.prag.reproduction;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Reads the answers of a row in what {@code prag evaluate --json --each} prints. */
final class SeriesReader {
    private SeriesReader() {}

    static Series read(Measured measured, JsonNode result) {
        for (JsonNode row : result.path("answers")) {
            if (row.path("row").asText().equals(measured.method())) {
                List<Answered> answers = new ArrayList<>();
                row.path("questions").forEach(question -> answers.add(answered(question)));
                return new Series(
                        measured.model(),
                        measured.variant(),
                        measured.method(),
                        measured.set(),
                        measured.sample(),
                        answers.subList(Math.min(measured.dropped(), answers.size()), answers.size()));
            }
        }
        throw new IllegalStateException(
                measured.run().name() + " has no row " + measured.method() + " although it was asked for");
    }

    private static Answered answered(JsonNode question) {
        return new Answered(
                question.path("question").asText(),
                question.path("type").asText(),
                question.path("em").asDouble(),
                question.path("f1").asDouble(),
                question.path("precision").asDouble(),
                question.path("recall").asDouble(),
                question.path("present").asBoolean(),
                known(question.path("found")),
                question.path("rounds").asInt(),
                question.path("prompt_tokens").asInt(),
                question.path("tokens").asInt(),
                known(question.path("logprob")),
                seconds(question.path("retrieve")),
                seconds(question.path("compose")),
                seconds(question.path("generate")),
                question.path("total").asDouble());
    }

    private static double seconds(JsonNode number) {
        return number.isNumber() ? number.asDouble() : Double.NaN;
    }

    private static Double known(JsonNode number) {
        return number.isNumber() ? number.asDouble() : null;
    }
}
