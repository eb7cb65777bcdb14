package dev.prag.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.answering.Answer;
import dev.prag.answering.WithoutAdapter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a report counts of an answer, so that one that was written down counts as one that was just given.
 *
 * @param present whether an accepted answer stands in it
 * @param found which share of the gold titles is among the passages that it rests on or, where the question names none,
 *     whether an accepted answer stands in one of them (1 or 0); null where nothing was retrieved
 * @param rounds retrievals
 * @param logprob mean log-probability of its tokens; null where none is known
 * @param adapters of each passage whose adapter was asked for, why it wasn't in force, or null if it was
 */
record Outcome(
        Score score,
        boolean present,
        Double found,
        int rounds,
        int promptTokens,
        int tokens,
        Seconds seconds,
        Double logprob,
        List<WithoutAdapter> adapters) {
    /** @param logprob and {@code rounds} as the components */
    static Outcome of(Question question, Answer answer, Double logprob, int rounds) {
        List<WithoutAdapter> adapters = new ArrayList<>();
        for (Answer.Used passage : answer.passages()) {
            if (passage.weight() != null || passage.withoutAdapter() != null) {
                adapters.add(passage.withoutAdapter());
            }
        }
        return new Outcome(
                Score.best(answer.answer(), question.answers()),
                Score.holdsAny(answer.answer(), question.answers()),
                found(question, answer.passages()),
                rounds,
                answer.promptTokens(),
                answer.tokens(),
                Seconds.of(answer.timings()),
                logprob,
                adapters);
    }

    private static Double found(Question question, List<Answer.Used> passages) {
        if (passages.isEmpty()) {
            return null;
        }
        Set<String> titles = passages.stream()
                .map(Answer.Used::title)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        return recall(question, titles, passages.stream().map(Answer.Used::text).toList());
    }

    /**
     * The share of the gold titles among these or, where the question names none, whether an accepted answer stands in one
     * of the texts.
     */
    static double recall(Question question, Set<String> titles, List<String> texts) {
        if (question.gold().isEmpty()) {
            return texts.stream().anyMatch(text -> Score.holdsAny(text, question.answers())) ? 1 : 0;
        }
        Set<String> there = titles.stream().map(Score::composed).collect(Collectors.toSet());
        long found = question.gold().stream()
                .map(Score::composed)
                .filter(there::contains)
                .count();
        return (double) found / question.gold().size();
    }

    /** Adds its fields to a line. */
    void addTo(ObjectNode line) {
        line.put("em", score.exactMatch());
        line.put("f1", score.f1());
        line.put("precision", score.precision());
        line.put("recall", score.recall());
        line.put("present", present);
        line.put("found", found);
        line.put("rounds", rounds);
        line.put("promptTokens", promptTokens);
        line.put("tokens", tokens);
        seconds.addTo(line);
        line.put("logprob", logprob);
        ArrayNode asked = line.putArray("adapters");
        adapters.forEach(why -> asked.add(why == null ? null : why.code()));
    }

    /** The outcome that {@link #addTo} wrote; null if the line has none. */
    static Outcome of(JsonNode line) {
        for (String field : List.of("em", "f1", "precision", "recall", "rounds", "promptTokens", "tokens", "seconds")) {
            if (!line.path(field).isNumber()) {
                return null;
            }
        }
        List<WithoutAdapter> adapters = new ArrayList<>();
        for (JsonNode code : line.path("adapters")) {
            adapters.add(
                    code.isNull()
                            ? null
                            : Arrays.stream(WithoutAdapter.values())
                                    .filter(why -> why.code().equals(code.asText()))
                                    .findFirst()
                                    .orElse(null));
        }
        return new Outcome(
                new Score(
                        line.get("em").asDouble(),
                        line.get("f1").asDouble(),
                        line.get("precision").asDouble(),
                        line.get("recall").asDouble()),
                line.path("present").asBoolean(),
                number(line.path("found")),
                line.get("rounds").asInt(),
                line.get("promptTokens").asInt(),
                line.get("tokens").asInt(),
                Seconds.of(line),
                number(line.path("logprob")),
                adapters);
    }

    static Double number(JsonNode node) {
        return node.isNumber() ? node.asDouble() : null;
    }
}
