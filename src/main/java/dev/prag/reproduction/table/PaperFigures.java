package dev.prag.reproduction.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.reproduction.Twin;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The figures of the paper's tables, from a resource. */
final class PaperFigures {
    private static final String RESOURCE = "/reproduction/paper.json";

    /** What folders and files of the paper's models are called, whatever stands before and behind. */
    private static final Map<String, Pattern> MODELS = models();

    private final JsonNode paper;

    private PaperFigures(JsonNode paper) {
        this.paper = paper;
    }

    private static Map<String, Pattern> models() {
        Map<String, Pattern> models = new LinkedHashMap<>();
        models.put("LLaMA-1B", name("llama[-_ ]?3[._]2[-_ ]?1b"));
        models.put("Qwen-1.5B", name("qwen[-_ ]?2[._]5[-_ ]?1[._]5b"));
        models.put("LLaMA-8B", name("llama[-_ ]?3[-_ ]?8b"));
        return models;
    }

    private static Pattern name(String pattern) {
        return Pattern.compile("(?<![a-z0-9])(meta[-_ ]?)?" + pattern + "(?![a-z0-9])", Pattern.CASE_INSENSITIVE);
    }

    static PaperFigures read() {
        try (InputStream resource = PaperFigures.class.getResourceAsStream(RESOURCE)) {
            return new PaperFigures(JsonMapper.builder().build().readTree(resource));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the paper is. */
    String source() {
        return paper.get("source").asText();
    }

    /** The paper's name of a model whose folder is called so. */
    static Optional<String> model(String name) {
        return MODELS.entrySet().stream()
                .filter(model -> model.getValue().matcher(name).find())
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /**
     * The paper's figure; null where it has none.
     *
     * @param line the method or variant
     * @param column such as {@code 2wiki/total}
     */
    PaperFigure figure(Twin twin, String model, String line, String column) {
        JsonNode table = paper.get(twin.name().toLowerCase(Locale.ROOT));
        JsonNode row = table.path("rows")
                .path(model(model).orElse(""))
                .path(twin == Twin.TABLE3 ? model(line).orElse("") : line);
        for (int i = 0; i < row.size(); i++) {
            if (table.get("columns").get(i).asText().equals(column)) {
                return PaperFigure.parse(row.get(i).asText());
            }
        }
        return null;
    }
}
