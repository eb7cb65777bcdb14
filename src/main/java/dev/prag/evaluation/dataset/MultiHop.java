package dev.prag.evaluation.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.evaluation.dataset.JsonRows.Row;
import dev.prag.evaluation.dataset.PublishedQuestion.Paragraph;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * The format that HotpotQA (Yang et al., 2018) and 2WikiMultihopQA (Ho et al., 2020) share: {@code _id}, {@code type},
 * {@code question}, {@code answer}, {@code supporting_facts} (title and sentence each), {@code context} (title and
 * sentences each), and {@code answer_id} where the answer has an entity.
 */
final class MultiHop {
    private final String between;

    /** @param between two sentences of a paragraph */
    MultiHop(String between) {
        this.between = between;
    }

    PublishedQuestion question(Row row) {
        return new PublishedQuestion(
                row.text("_id"),
                row.text("question"),
                row.text("answer"),
                row.textOrNull("answer_id"),
                List.of(),
                row.text("type"),
                gold(row),
                context(row));
    }

    private static List<String> gold(Row row) {
        Set<String> titles = new LinkedHashSet<>();
        for (JsonNode fact : row.list("supporting_facts")) {
            if (!fact.isArray() || !fact.path(0).isTextual()) {
                throw row.missing("supporting_facts", "a list of titles with the numbers of sentences");
            }
            titles.add(fact.get(0).asText());
        }
        return List.copyOf(titles);
    }

    private List<Paragraph> context(Row row) {
        List<Paragraph> paragraphs = new ArrayList<>();
        for (JsonNode paragraph : row.list("context")) {
            JsonNode title = paragraph.path(0);
            JsonNode sentences = paragraph.path(1);
            if (!title.isTextual() || !sentences.isArray()) {
                throw row.missing("context", "a list of titles with their sentences");
            }
            String text = StreamSupport.stream(sentences.spliterator(), false)
                    .map(JsonNode::asText)
                    .reduce((one, next) -> one + between + next)
                    .orElse("")
                    .strip();
            if (!text.isEmpty()) {
                paragraphs.add(new Paragraph(title.asText(), text));
            }
        }
        return paragraphs;
    }
}
