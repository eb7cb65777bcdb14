package dev.prag.evaluation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.ExactJson;
import dev.prag.base.Hashes;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import dev.prag.base.Utf8;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A question of a data set.
 *
 * @param answers what counts as right; at least one
 * @param type the group it is reported in, such as {@code bridge}
 * @param gold titles of the documents that hold the answer; empty where the data set doesn't say
 * @param fullAnswer the answer with the steps that lead to it; null where the data set has none
 */
public record Question(String question, List<String> answers, String type, List<String> gold, String fullAnswer) {
    private static final JsonMapper JSON = ExactJson.builder().build();

    /** One without steps. */
    public Question(String question, List<String> answers, String type, List<String> gold) {
        this(question, answers, type, gold, null);
    }

    /** What it is known by: SHA-256 of its words, whatever their case, punctuation and spaces. */
    public String hash() {
        return Hashes.sha256(String.join(" ", Score.tokens(question)));
    }

    /**
     * Reads a file of JSON lines with the fields question, answer or answers, aliases, type, gold and full_answer; other fields are
     * ignored.
     *
     * @param limit at most so many questions, from the start
     * @throws UserException naming the file, the line and what is wrong with it
     */
    public static List<Question> read(Path file, int limit) {
        if (limit < 1) {
            throw new UserException("limit is " + limit + "; ask at least one question");
        }
        if (!Files.exists(file)) {
            throw new UserException(
                    UserException.Kind.NOT_FOUND, "questions: " + file + " does not exist; name a file of JSON lines");
        }
        List<String> lines = Utf8.read(file, "questions: " + file).lines().toList();
        List<Question> questions = new ArrayList<>();
        for (int i = 0; i < lines.size() && questions.size() < limit; i++) {
            if (!lines.get(i).isBlank()) {
                questions.add(parse(lines.get(i), file + " line " + (i + 1)));
            }
        }
        if (questions.isEmpty()) {
            throw new UserException("questions: " + file + " holds no question; each line is a JSON object with"
                    + " question and answer");
        }
        return questions;
    }

    /** Reads one line of such a file; {@code where} names it in messages. */
    public static Question parse(String line, String where) {
        JsonNode node;
        try {
            node = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new UserException(UserException.Kind.BAD_INPUT, where + " is not JSON: " + JsonMistake.said(e), e);
        }
        if (!node.isObject()) {
            throw new UserException(where + " is not a JSON object; it needs the fields question and answer");
        }
        String question = node.path("question").isTextual()
                ? node.get("question").asText().strip()
                : "";
        if (question.isEmpty()) {
            throw new UserException(where + " has no question; it needs the field question as text");
        }
        List<String> answers = new ArrayList<>(texts(node, "answers", where));
        addNew(answers, texts(node, "answer", where));
        if (answers.isEmpty()) {
            throw new UserException(where + " has no answer; it needs the field answer, or answers as a list");
        }
        addNew(answers, texts(node, "aliases", where));
        String type = node.path("type").asText("");
        List<String> full = texts(node, "full_answer", where);
        return new Question(
                question,
                answers,
                type.isBlank() ? "untyped" : type,
                texts(node, "gold", where),
                full.isEmpty() ? null : full.getFirst());
    }

    private static void addNew(List<String> answers, List<String> others) {
        for (String answer : others) {
            if (!answers.contains(answer)) {
                answers.add(answer);
            }
        }
    }

    private static List<String> texts(JsonNode line, String field, String where) {
        JsonNode node = line.path(field);
        List<String> texts = new ArrayList<>();
        if (!node.isMissingNode() && !node.isNull()) {
            for (JsonNode item : node.isArray() ? node : List.of(node)) {
                if (!item.isValueNode() || item.isNull() || item.asText().isBlank()) {
                    throw new UserException(where + " has a field " + field + " with " + item
                            + "; it has to be text, or a list of texts");
                }
                texts.add(
                        item.isNumber()
                                ? ExactJson.digits(item)
                                        .orElseThrow(
                                                () -> new UserException(
                                                        where + " has a field " + field
                                                                + " with a number that has an exponent or too many digits; write it as text"))
                                : item.asText());
            }
        }
        return texts;
    }
}
