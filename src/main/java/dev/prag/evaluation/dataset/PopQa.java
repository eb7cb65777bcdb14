package dev.prag.evaluation.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.ExactJson;
import dev.prag.base.IoReason;
import dev.prag.base.TsvRows;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The format of PopQA (Mallen et al., 2023): tab-separated values with a head, of which {@code id}, {@code prop} (the
 * relation that is asked for), {@code question}, {@code obj} and {@code possible_answers} (a JSON list) are read.
 */
final class PopQa implements Rows {
    private static final JsonMapper JSON = ExactJson.builder().build();
    private static final int LONGEST_ROW = 1 << 22;
    private static final String ANSWERS = "possible_answers";
    private static final List<String> COLUMNS = List.of("id", "prop", "question", "obj", ANSWERS);

    @Override
    public int read(Path file, Predicate<PublishedQuestion> each) {
        try (TsvRows rows = TsvRows.open(Files.newInputStream(file), file.toString(), LONGEST_ROW)) {
            for (String column : COLUMNS) {
                if (!rows.head().contains(column)) {
                    throw new UserException(file + " line 1 names no column " + column
                            + "; take the file as it is published, with the columns id, prop, obj, question and "
                            + ANSWERS);
                }
            }
            TsvRows.Row row = rows.next();
            while (row != null && each.test(question(rows.head(), row, file + " line " + row.line()))) {
                row = rows.next();
            }
            return 0;
        } catch (IOException e) {
            throw new UserException(Kind.ENVIRONMENT, file + " can't be read: " + IoReason.of(e) + "; check it", e);
        }
    }

    private static PublishedQuestion question(List<String> head, TsvRows.Row row, String where) {
        String question = field(head, row, "question");
        String type = field(head, row, "prop");
        if (question.isEmpty() || type.isEmpty()) {
            throw new UserException(
                    where + " has no " + (type.isEmpty() ? "prop" : "question") + "; take the file as it is published");
        }
        Set<String> answers = new LinkedHashSet<>();
        answers.add(field(head, row, "obj"));
        answers.addAll(list(field(head, row, ANSWERS), where));
        answers.remove("");
        if (answers.isEmpty()) {
            throw new UserException(where + " has no answer; obj or " + ANSWERS + " has to name one");
        }
        List<String> all = List.copyOf(answers);
        return new PublishedQuestion(
                field(head, row, "id"),
                question,
                all.getFirst(),
                null,
                all.subList(1, all.size()),
                type,
                List.of(),
                List.of());
    }

    private static String field(List<String> head, TsvRows.Row row, String column) {
        return row.fields().get(head.indexOf(column)).strip();
    }

    private static List<String> list(String text, String where) {
        if (text.isEmpty()) {
            return List.of();
        }
        JsonNode list;
        try {
            list = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw notAList(where, e);
        }
        if (!list.isArray()) {
            throw notAList(where, null);
        }
        List<String> answers = new ArrayList<>();
        for (JsonNode answer : list) {
            if (!answer.isValueNode() || answer.isNull()) {
                throw notAList(where, null);
            }
            answers.add(answer.asText().strip());
        }
        return answers;
    }

    private static UserException notAList(String where, JsonProcessingException cause) {
        return new UserException(
                Kind.BAD_INPUT,
                where + ": " + ANSWERS + " is not a JSON list of texts, such as [\"politician\", \"polit.\"]; take the"
                        + " file as it is published",
                cause);
    }
}
