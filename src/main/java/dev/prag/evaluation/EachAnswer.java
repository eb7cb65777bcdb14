package dev.prag.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One question as one row answered it. */
record EachAnswer(Row row, Question question, Outcome outcome) {
    /** By row, in the order in which they come; the questions of each in theirs. */
    static void addTo(ArrayNode rows, List<EachAnswer> answers) {
        Map<String, ArrayNode> questions = new LinkedHashMap<>();
        for (EachAnswer answer : answers) {
            answer.addTo(questions
                    .computeIfAbsent(answer.row().name(), name -> rows.addObject()
                            .put("row", name)
                            .put("method", answer.row().method())
                            .putArray("questions"))
                    .addObject());
        }
    }

    private void addTo(ObjectNode node) {
        node.put("question", question.question());
        node.put("type", question.type());
        node.put("em", outcome.score().exactMatch());
        node.put("f1", outcome.score().f1());
        node.put("precision", outcome.score().precision());
        node.put("recall", outcome.score().recall());
        node.put("present", outcome.present());
        node.put("found", outcome.found());
        node.put("rounds", outcome.rounds());
        node.put("prompt_tokens", outcome.promptTokens());
        node.put("tokens", outcome.tokens());
        node.put("logprob", outcome.logprob());
        node.put("retrieve", outcome.seconds().retrieve());
        node.put("compose", outcome.seconds().compose());
        node.put("generate", outcome.seconds().generate());
        node.put("total", outcome.seconds().total());
    }
}
