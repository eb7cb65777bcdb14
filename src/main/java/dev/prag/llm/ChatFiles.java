package dev.prag.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Special tokens and chat templates of a model folder, from tokenizer_config.json and what may stand beside it.
 *
 * @param specialTokens by the names that templates use, such as {@code eos_token}
 * @param templates Jinja sources by name
 */
record ChatFiles(Map<String, String> specialTokens, Map<String, String> templates) {
    /** Name of the template that is used unless another is asked for. */
    static final String DEFAULT = "default";

    private static final String CONFIG = "tokenizer_config.json";
    private static final String TOKENS = "special_tokens_map.json";
    private static final String JINJA = "chat_template.jinja";
    private static final String MORE_TEMPLATES = "additional_chat_templates";
    private static final List<String> TOKEN_NAMES =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    /** The files that may be there, besides further templates. */
    static final List<String> FILES = List.of(CONFIG, TOKENS, JINJA);

    static ChatFiles read(Path folder) {
        JsonFile config = JsonFile.readIfPresent(folder, CONFIG).orElseGet(() -> JsonFile.none(CONFIG));
        Map<String, String> tokens = new LinkedHashMap<>();
        JsonFile.readIfPresent(folder, TOKENS).ifPresent(file -> addTokens(file, TOKEN_NAMES, tokens));
        addTokens(config, TOKEN_NAMES, tokens);
        JsonNode extra = config.get("extra_special_tokens");
        if (extra.isObject()) {
            JsonFile named = new JsonFile(config.origin() + ": extra_special_tokens", extra);
            addTokens(named, extra.propertyStream().map(Map.Entry::getKey).toList(), tokens);
        }
        Map<String, String> templates = new LinkedHashMap<>();
        addTemplates(config, templates);
        for (String file : additionalTemplates(folder)) {
            String name = file.substring(MORE_TEMPLATES.length() + 1, file.length() - ".jinja".length());
            templates.put(name, JsonFile.readText(folder, file));
        }
        if (Files.exists(folder.resolve(JINJA))) {
            templates.put(DEFAULT, JsonFile.readText(folder, JINJA));
        }
        return new ChatFiles(Map.copyOf(tokens), Map.copyOf(templates));
    }

    /** A token is text, or an object whose content is the text; a later null takes an earlier one away. */
    private static void addTokens(JsonFile file, List<String> names, Map<String, String> tokens) {
        for (String name : names) {
            JsonNode node = file.get(name);
            JsonNode text = node.isObject() ? node.path("content") : node;
            if (text.isTextual()) {
                tokens.put(name, text.textValue());
            } else if (text.isNull()) {
                tokens.remove(name);
            } else if (!node.isMissingNode()) {
                throw file.wrong(name, node, "must be text, or an object with its text as content");
            }
        }
    }

    private static void addTemplates(JsonFile config, Map<String, String> templates) {
        JsonNode node = config.get("chat_template");
        if (node.isTextual()) {
            templates.put(DEFAULT, node.textValue());
        } else if (node.isArray()) {
            for (JsonNode named : node) {
                if (!named.path("name").isTextual() || !named.path("template").isTextual()) {
                    throw config.wrong("chat_template", named, "must be an object of name and template");
                }
                templates.put(
                        named.get("name").textValue(), named.get("template").textValue());
            }
        } else if (!node.isMissingNode() && !node.isNull()) {
            throw config.wrong("chat_template", node, "must be text, or a list of objects of name and template");
        }
    }

    /** Further templates that stand in files of their own, as paths within the folder. */
    static List<String> additionalTemplates(Path folder) {
        Path more = folder.resolve(MORE_TEMPLATES);
        if (!Files.isDirectory(more)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(more)) {
            return files.map(file -> MORE_TEMPLATES + "/" + file.getFileName())
                    .filter(name -> name.endsWith(".jinja"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    "model folder " + folder + ": " + MORE_TEMPLATES + " can't be read: " + IoReason.of(e)
                            + "; check its permissions",
                    e);
        }
    }
}
