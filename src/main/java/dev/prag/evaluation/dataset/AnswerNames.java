package dev.prag.evaluation.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.IoReason;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Other names of answers, by the ids of their entities, as 2WikiMultihopQA publishes them: JSON lines with {@code Q_id},
 * {@code aliases} and {@code demonyms}. The names are the aliases, as the paper counts them.
 */
final class AnswerNames {
    static final String FILE = "id_aliases.json";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private AnswerNames() {}

    /** Those of the wanted ids. */
    static Map<String, List<String>> read(Path file, Set<String> wanted) {
        Map<String, List<String>> names = new HashMap<>();
        long number = 1;
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    add(line, file + " line " + number, wanted, names);
                }
                number++;
            }
        } catch (CharacterCodingException e) {
            throw new UserException(
                    Kind.BAD_INPUT,
                    file + " line " + number + " or one below it is not UTF-8 text; convert it to UTF-8 first",
                    e);
        } catch (IOException e) {
            throw new UserException(Kind.ENVIRONMENT, file + " can't be read: " + IoReason.of(e) + "; check it", e);
        }
        return names;
    }

    private static void add(String line, String where, Set<String> wanted, Map<String, List<String>> names) {
        JsonNode node;
        try {
            node = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new UserException(
                    Kind.BAD_INPUT,
                    where + " is not JSON (" + JsonMistake.said(e) + "); each line is one object with Q_id and aliases",
                    e);
        }
        if (!node.path("Q_id").isTextual() || !node.path("aliases").isArray()) {
            throw new UserException(where + " has no Q_id or no list of aliases; take the file as it is published");
        }
        String id = node.get("Q_id").asText();
        if (wanted.contains(id)) {
            List<String> aliases = new ArrayList<>();
            node.get("aliases").forEach(alias -> aliases.add(alias.asText().strip()));
            aliases.removeIf(String::isEmpty);
            names.put(id, aliases);
        }
    }
}
