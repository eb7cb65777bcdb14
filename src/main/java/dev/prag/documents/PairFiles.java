package dev.prag.documents;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.ExactJson;
import dev.prag.base.IoReason;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import dev.prag.base.Utf8;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

/**
 * Pairs that people gave, from files and JSON. Beside a file that is one document, such as {@code NAME.md}, those in
 * {@code NAME.pairs.csv} or {@code NAME.pairs.jsonl} are its pairs.
 */
final class PairFiles {
    private static final JsonMapper JSON = ExactJson.builder().build();
    private static final String QUESTION = "question";
    private static final String ANSWER = "answer";
    private static final String FULL_ANSWER = "full_answer";
    private static final List<String> ENDINGS = List.of(".pairs.csv", ".pairs.jsonl");
    private static final CSVFormat CSV = CSVFormat.RFC4180
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .setIgnoreHeaderCase(true)
            .setIgnoreEmptyLines(true)
            .setTrim(true)
            .get();

    private PairFiles() {}

    /** Whether a file holds pairs, by its name. */
    static boolean isOne(Path file) {
        String name = file.getFileName() == null ? "" : file.getFileName().toString();
        return ENDINGS.stream().anyMatch(ending -> name.endsWith(ending) && name.length() > ending.length());
    }

    /**
     * The pairs of the document that a file is; none where no file beside it holds any.
     *
     * @throws UserException naming file and line of what is wrong
     */
    static List<GivenPair> beside(Path document) {
        List<GivenPair> pairs = new ArrayList<>();
        for (String ending : ENDINGS) {
            Path file = document.resolveSibling(stem(document) + ending);
            if (Files.isRegularFile(file)) {
                pairs.addAll(read(file));
            }
        }
        return pairs;
    }

    /** Whether a file with pairs lies beside the document that they belong to. */
    static boolean hasDocument(Path pairs, List<Path> files) {
        return files.stream()
                .anyMatch(file -> !isOne(file)
                        && file.resolveSibling(stem(file) + ending(pairs)).equals(pairs));
    }

    private static String ending(Path pairs) {
        return ENDINGS.stream()
                .filter(ending -> pairs.getFileName().toString().endsWith(ending))
                .findFirst()
                .orElseThrow();
    }

    private static String stem(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    private static List<GivenPair> read(Path file) {
        String name = FileNames.text(file);
        try {
            String text = Utf8.decode(Files.readAllBytes(file), "pairs " + name);
            return name.endsWith(".csv") ? csv(text, name) : lines(text, name);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT, "pairs " + name + " can't be read: " + IoReason.of(e), e);
        }
    }

    private static List<GivenPair> csv(String text, String name) throws IOException {
        List<GivenPair> pairs = new ArrayList<>();
        try (var records = CSV.parse(new StringReader(text))) {
            for (String needed : List.of(QUESTION, ANSWER)) {
                if (records.getHeaderNames().stream().noneMatch(needed::equalsIgnoreCase)) {
                    throw new UserException("pairs " + name + ": the first line names no column " + needed
                            + "; it has to be question,answer or question,answer,full_answer");
                }
            }
            for (CSVRecord record : records) {
                String where = "pairs " + name + " record " + record.getRecordNumber();
                pairs.add(pair(value(record, QUESTION), value(record, ANSWER), value(record, FULL_ANSWER), where));
            }
        } catch (CSVException e) {
            throw broken(name, e);
        } catch (UncheckedIOException e) {
            throw broken(name, e.getCause());
        }
        return pairs;
    }

    private static UserException broken(String name, IOException e) {
        return new UserException(
                UserException.Kind.BAD_INPUT,
                "pairs " + name + " is no CSV: " + e.getMessage() + "; check its quotes",
                e);
    }

    private static String value(CSVRecord record, String column) {
        return record.isMapped(column) && record.isSet(column) ? record.get(column) : "";
    }

    private static List<GivenPair> lines(String text, String name) {
        List<GivenPair> pairs = new ArrayList<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (!line.isBlank()) {
                String where = "pairs " + name + " line " + number;
                try {
                    pairs.add(pair(JSON.readTree(line), where));
                } catch (IOException e) {
                    String said = e instanceof JsonProcessingException json ? JsonMistake.said(json) : IoReason.of(e);
                    throw new UserException(
                            UserException.Kind.BAD_INPUT,
                            where + " is not JSON (" + said + "); each line is one JSON object",
                            e);
                }
            }
        }
        return pairs;
    }

    /** The pairs in the field {@code pairs} of a document. */
    static List<GivenPair> of(JsonNode node, String where) {
        if (node.isMissingNode() || node.isNull()) {
            return List.of();
        }
        if (!node.isArray()) {
            throw new UserException(
                    where + " has pairs that are no list; give a list of objects with question and answer");
        }
        List<GivenPair> pairs = new ArrayList<>();
        for (JsonNode pair : node) {
            pairs.add(pair(pair, where + " pair " + (pairs.size() + 1)));
        }
        return pairs;
    }

    private static GivenPair pair(JsonNode node, String where) {
        if (!node.isObject()) {
            throw new UserException(
                    where + " is not a JSON object; a pair has the fields question, answer, full_answer");
        }
        return pair(text(node, QUESTION, where), text(node, ANSWER, where), text(node, FULL_ANSWER, where), where);
    }

    /** Numbers count as their text. */
    private static String text(JsonNode node, String field, String where) {
        JsonNode value = node.path(field);
        if (value.isContainerNode()) {
            throw new UserException(where + " has a field " + field + " that is no text");
        }
        return value.isMissingNode() || value.isNull() ? "" : value.asText();
    }

    private static GivenPair pair(String question, String answer, String fullAnswer, String where) {
        for (String part : List.of(question, answer)) {
            if (part.isBlank()) {
                throw new UserException(where + " has no " + (question.isBlank() ? QUESTION : ANSWER)
                        + "; a pair needs question and answer");
            }
        }
        return new GivenPair(
                question.strip(),
                answer.strip(),
                Optional.of(fullAnswer.strip()).filter(full -> !full.isEmpty()).orElse(answer.strip()));
    }
}
