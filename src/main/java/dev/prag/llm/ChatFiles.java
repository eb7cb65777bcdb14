package dev.prag.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Special tokens and chat templates of a model folder, from tokenizer_config.json and what may stand beside it.
 *
 * @param specialTokens by the names that templates use, such as {@code eos_token}
 * @param templates Jinja sources by name
 * @param controls spellings of all tokens that the files call special
 */
record ChatFiles(Map<String, String> specialTokens, Map<String, String> templates, Set<String> controls, Ends ends) {
    /**
     * What tokenizer_config.json says about the ends of a text.
     *
     * @param tokenizerClass the class that transformers would make of it, if said
     * @param addBos whether a text begins with bos_token, if said
     * @param addEos whether it ends with eos_token, if said
     */
    record Ends(Optional<String> tokenizerClass, Optional<Boolean> addBos, Optional<Boolean> addEos) {
        static Ends read(JsonFile config) {
            return new Ends(
                    config.text("tokenizer_class"), flag(config, "add_bos_token"), flag(config, "add_eos_token"));
        }

        private static Optional<Boolean> flag(JsonFile config, String name) {
            return config.has(name) ? Optional.of(config.flag(name, false)) : Optional.empty();
        }

        /** Whether the two flags apply: they do to LLaMA's tokenizers; others take no notice. */
        boolean obeyed(ModelConfig model) {
            String name = tokenizerClass.orElse("");
            return name.startsWith("LlamaTokenizer")
                    || model.modelType().equals("llama")
                            && Set.of("", "PreTrainedTokenizerFast", "TokenizersBackend")
                                    .contains(name);
        }
    }

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

    static ChatFiles read(ModelFiles files) {
        JsonFile config = files.json(CONFIG).orElseGet(() -> JsonFile.none(CONFIG));
        Map<String, String> tokens = new LinkedHashMap<>();
        files.json(TOKENS).ifPresent(file -> addTokens(file, TOKEN_NAMES, tokens));
        addTokens(config, TOKEN_NAMES, tokens);
        JsonNode extra = config.get("extra_special_tokens");
        if (extra.isObject()) {
            JsonFile named = new JsonFile(config.origin() + ": extra_special_tokens", extra);
            addTokens(named, extra.propertyStream().map(Map.Entry::getKey).toList(), tokens);
        }
        Map<String, String> templates = new LinkedHashMap<>();
        addTemplates(config, templates);
        for (String file : files.additionalTemplates()) {
            String name = file.substring(MORE_TEMPLATES.length() + 1, file.length() - ".jinja".length());
            files.text(file).ifPresent(text -> templates.put(name, text));
        }
        files.text(JINJA).ifPresent(text -> templates.put(DEFAULT, text));
        Set<String> controls = new HashSet<>(tokens.values());
        for (JsonNode token : config.get("added_tokens_decoder")) {
            if (token.path("special").asBoolean() && token.path("content").isTextual()) {
                controls.add(token.get("content").textValue());
            }
        }
        for (JsonNode token : config.get("additional_special_tokens")) {
            controls.add(token.isObject() ? token.path("content").asText() : token.asText());
        }
        return new ChatFiles(Map.copyOf(tokens), Map.copyOf(templates), Set.copyOf(controls), Ends.read(config));
    }

    /** @param endIds ids that end a text */
    TokenizerSettings tokenizerSettings(ModelConfig model, Set<Integer> endIds) {
        boolean obeyed = ends.obeyed(model);
        return new TokenizerSettings(
                model.vocabSize(),
                controls,
                endIds,
                obeyed ? ends.addBos().map(add -> ends(add, "add_bos_token", "bos_token")) : Optional.empty(),
                obeyed ? ends.addEos().map(add -> ends(add, "add_eos_token", "eos_token")) : Optional.empty());
    }

    private List<String> ends(boolean add, String flag, String name) {
        if (!add) {
            return List.of();
        }
        String token = specialTokens.get(name);
        if (token == null) {
            throw new UserException(CONFIG + ": " + flag + " is true, but there is no " + name
                    + "; correct it, or copy the file again from where the model was published");
        }
        return List.of(token);
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
