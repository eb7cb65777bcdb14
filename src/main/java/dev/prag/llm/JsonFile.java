package dev.prag.llm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import dev.prag.base.Utf8;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A JSON object out of a model folder, whose fields are asked for with what they must be; every refusal names the file,
 * the field and its value.
 *
 * @param origin the file, for messages
 * @param root an object
 */
record JsonFile(String origin, JsonNode root) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Reads a file that must be there. */
    static JsonFile read(Path folder, String name) {
        return readIfPresent(folder, name).orElseThrow(() -> missing(folder, name));
    }

    static Optional<JsonFile> readIfPresent(Path folder, String name) {
        if (!Files.exists(folder.resolve(name))) {
            return Optional.empty();
        }
        String origin = "model folder " + folder + ": " + name;
        try {
            JsonNode root = JSON.readTree(readText(folder, name));
            if (!root.isObject()) {
                throw new UserException(origin + " is not a JSON object; copy the file again");
            }
            return Optional.of(new JsonFile(origin, root));
        } catch (JsonProcessingException e) {
            String where =
                    e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
            throw new UserException(origin + " is not JSON: " + JsonMistake.said(e) + where
                    + "; the file is damaged or was not copied whole: copy it again");
        }
    }

    /** A file of UTF-8 text. */
    static String readText(Path folder, String name) {
        String origin = "model folder " + folder + ": " + name;
        return Utf8.read(folder.resolve(name), origin);
    }

    static UserException missing(Path folder, String name) {
        return new UserException(
                UserException.Kind.NOT_FOUND,
                "model folder " + folder + ": " + name + " is missing; copy the model's folder whole");
    }

    /** The object of that name, to read on in it; empty if absent or null. */
    Optional<JsonFile> object(String name) {
        JsonNode node = root.path(name);
        if (isAbsent(node)) {
            return Optional.empty();
        }
        if (!node.isObject()) {
            throw wrong(name, node, "must be an object");
        }
        return Optional.of(new JsonFile(origin + ": " + name, node));
    }

    /** An absent object, from which every field is left to its default. */
    static JsonFile none(String origin) {
        return new JsonFile(origin, JsonNodeFactory.instance.objectNode());
    }

    boolean has(String name) {
        return !isAbsent(root.path(name));
    }

    JsonNode get(String name) {
        return root.path(name);
    }

    Optional<String> text(String name) {
        JsonNode node = root.path(name);
        if (isAbsent(node)) {
            return Optional.empty();
        }
        if (!node.isTextual()) {
            throw wrong(name, node, "must be text");
        }
        return Optional.of(node.textValue());
    }

    boolean flag(String name, boolean otherwise) {
        JsonNode node = root.path(name);
        if (isAbsent(node)) {
            return otherwise;
        }
        if (!node.isBoolean()) {
            throw wrong(name, node, "must be true or false");
        }
        return node.booleanValue();
    }

    /** A whole number that must be there. */
    int integer(String name, int least, int most) {
        if (!has(name)) {
            throw new UserException(origin + " has no " + name + "; copy the model's folder whole");
        }
        return integer(name, least, most, least);
    }

    int integer(String name, int least, int most, int otherwise) {
        JsonNode node = root.path(name);
        return isAbsent(node) ? otherwise : integer(name, node, least, most);
    }

    /** A list of whole numbers, or a single one; empty if absent or null. */
    List<Integer> integers(String name, int least, int most) {
        JsonNode node = root.path(name);
        List<Integer> values = new ArrayList<>();
        if (node.isArray()) {
            for (JsonNode element : node) {
                values.add(integer(name, element, least, most));
            }
        } else if (!isAbsent(node)) {
            values.add(integer(name, node, least, most));
        }
        return values;
    }

    private int integer(String name, JsonNode node, int least, int most) {
        if (!node.isIntegralNumber()) {
            throw wrong(name, node, "must be a whole number");
        }
        if (!node.canConvertToInt() || node.intValue() < least || node.intValue() > most) {
            throw wrong(name, node, "must be from " + least + " to " + most);
        }
        return node.intValue();
    }

    /** A number that must be there. */
    float number(String name, double least, double most) {
        if (!has(name)) {
            throw new UserException(origin + " has no " + name + "; copy the model's folder whole");
        }
        return number(name, least, most, 0);
    }

    float number(String name, double least, double most, double otherwise) {
        JsonNode node = root.path(name);
        if (isAbsent(node)) {
            return (float) otherwise;
        }
        if (!node.isNumber()) {
            throw wrong(name, node, "must be a number");
        }
        double value = node.doubleValue();
        if (!(value >= least && value <= most)) {
            throw wrong(name, node, "must be from " + least + " to " + most);
        }
        return (float) value;
    }

    /** A refusal of a field that says what it is and what it has to be. */
    UserException wrong(String name, JsonNode value, String must) {
        String shown = value.toString();
        if (shown.length() > 80) {
            shown = shown.substring(0, 80) + "…";
        }
        return new UserException(origin + ": " + name + " is " + shown + " and " + must
                + "; correct it, or copy the file again from where the model was published");
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }
}
