package dev.prag.evaluation.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.evaluation.dataset.JsonRows.Row;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The format of ComplexWebQuestions (Talmor and Berant, 2018): {@code ID}, {@code question}, {@code compositionality_type}
 * and {@code answers}, each with {@code answer} and {@code aliases}. Any of the answers counts as right.
 */
final class ComplexWeb {
    private ComplexWeb() {}

    /** The question of a row; null if its list of answers names none. */
    static PublishedQuestion question(Row row) {
        String id = row.text("ID");
        String question = row.text("question");
        String type = row.text("compositionality_type");
        Set<String> answers = new LinkedHashSet<>();
        for (JsonNode each : row.list("answers")) {
            if (!each.isObject()) {
                throw row.missing("answers", "a list of objects with answer and aliases");
            }
            String answer = row.textOrNull(each.path("answer"), "answers.answer");
            if (answer != null) {
                answers.add(answer);
            }
            answers.addAll(row.texts(each.path("aliases"), "answers.aliases"));
        }
        List<String> all = List.copyOf(answers);
        return all.isEmpty()
                ? null
                : new PublishedQuestion(
                        id, question, all.getFirst(), null, all.subList(1, all.size()), type, List.of(), List.of());
    }
}
