package dev.prag.llm.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.llm.gguf.Vocabulary.Kind;
import dev.prag.tensor.gguf.Metadata;
import java.util.List;
import java.util.Optional;

/** The metadata of a GGUF file as tokenizer.json and tokenizer_config.json. */
final class TokenizerJson {
    private static final String MERGES = "tokenizer.ggml.merges";
    private static final String TEMPLATE = "tokenizer.chat_template";
    private static final String TEMPLATES = "tokenizer.chat_templates";
    private static final String ADD_BOS = "tokenizer.ggml.add_bos_token";
    private static final String ADD_EOS = "tokenizer.ggml.add_eos_token";

    private final Metadata metadata;
    private final Vocabulary vocabulary;
    private final boolean sentencePiece;

    private TokenizerJson(Metadata metadata) {
        this.metadata = metadata;
        sentencePiece = Vocabulary.isSentencePiece(metadata);
        vocabulary = Vocabulary.of(metadata);
    }

    /** tokenizer.json. */
    static ObjectNode tokenizer(Metadata metadata) {
        return new TokenizerJson(metadata).tokenizer();
    }

    /** tokenizer_config.json, with the chat template. */
    static ObjectNode config(Metadata metadata) {
        return new TokenizerJson(metadata).config();
    }

    private ObjectNode tokenizer() {
        ObjectNode tokenizer = object().put("version", "1.0");
        tokenizer.putNull("truncation");
        tokenizer.putNull("padding");
        ArrayNode added = tokenizer.putArray("added_tokens");
        for (int id = 0; id < vocabulary.size(); id++) {
            if (isAdded(id)) {
                added.addObject().put("id", id).setAll(description(id));
            }
        }
        if (sentencePiece) {
            putSentencePiece(tokenizer);
        } else {
            putByteLevel(tokenizer);
        }
        return tokenizer;
    }

    private void putSentencePiece(ObjectNode tokenizer) {
        SentencePieceJson json = new SentencePieceJson(metadata, vocabulary);
        tokenizer.set("normalizer", json.normalizer());
        tokenizer.putNull("pre_tokenizer");
        tokenizer.set("post_processor", postProcessor(true, JsonNodeFactory.instance.nullNode()));
        tokenizer.set("decoder", json.decoder());
        tokenizer.set("model", json.model());
    }

    private void putByteLevel(ObjectNode tokenizer) {
        PreTokenizers pre = PreTokenizers.of(metadata);
        if (pre.composes()) {
            tokenizer.putObject("normalizer").put("type", "NFC");
        } else {
            tokenizer.putNull("normalizer");
        }
        tokenizer.set("pre_tokenizer", pre.json());
        tokenizer.set(
                "post_processor",
                postProcessor(pre.addsBos() && named("bos").isPresent(), PreTokenizers.byteLevel(false)));
        tokenizer.set("decoder", PreTokenizers.byteLevel(false));
        tokenizer.set("model", model(pre));
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private boolean isAdded(int id) {
        return switch (vocabulary.kind(id)) {
            case UNKNOWN, CONTROL, USER_DEFINED -> true;
            case NORMAL, UNUSED, BYTE -> false;
        };
    }

    private ObjectNode description(int id) {
        return object().put("content", vocabulary.text(id))
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", vocabulary.kind(id) != Kind.USER_DEFINED);
    }

    private ObjectNode model(PreTokenizers pre) {
        ObjectNode model = object().put("type", "BPE");
        for (String absent : List.of("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")) {
            model.putNull(absent);
        }
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", pre.ignoresMerges());
        ObjectNode vocab = model.putObject("vocab");
        boolean all = !addedFollow();
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.kind(id) != Kind.NORMAL && !(all && isAdded(id))) {
                continue;
            }
            String text = vocabulary.text(id);
            if (vocab.has(text)) {
                throw vocabulary.twice(vocab.get(text).intValue(), id);
            }
            vocab.put(text, id);
        }
        ArrayNode merges = model.putArray("merges");
        metadata.list(MERGES, String.class)
                .orElseThrow(() -> metadata.missing(MERGES))
                .forEach(merges::add);
        return model;
    }

    /**
     * Whether the added tokens have the ids after the vocabulary's, one by one. The tokenizers library counts on from
     * there, whatever ids tokenizer.json gives; only what the vocabulary holds, too, keeps another id.
     */
    private boolean addedFollow() {
        int next = 0;
        for (int id = 0; id < vocabulary.size(); id++) {
            next += vocabulary.kind(id) == Kind.NORMAL ? 1 : 0;
        }
        for (int id = 0; id < vocabulary.size(); id++) {
            if (isAdded(id) && id != next++) {
                return false;
            }
        }
        return true;
    }

    /**
     * @param begins whether a text has a beginning where the file doesn't say
     * @param none what it is where a text has neither a beginning nor an end
     */
    private JsonNode postProcessor(boolean begins, JsonNode none) {
        boolean first = metadata.flag(ADD_BOS).orElse(begins);
        boolean last = metadata.flag(ADD_EOS).orElse(false);
        if (!first && !last) {
            return none;
        }
        ObjectNode template = object().put("type", "TemplateProcessing");
        ArrayNode single = template.putArray("single");
        ArrayNode pair = template.putArray("pair");
        ObjectNode special = template.putObject("special_tokens");
        if (first) {
            special(single.addObject(), special, "bos", ADD_BOS);
            special(pair.addObject(), special, "bos", ADD_BOS);
        }
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        pair.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        pair.addObject().putObject("Sequence").put("id", "B").put("type_id", 1);
        if (last) {
            special(single.addObject(), special, "eos", ADD_EOS);
            special(pair.addObject(), special, "eos", ADD_EOS);
        }
        return template;
    }

    private void special(ObjectNode piece, ObjectNode all, String name, String flag) {
        int id =
                named(name).orElseThrow(() -> metadata.wrong(flag, "there is no tokenizer.ggml." + name + "_token_id"));
        String text = vocabulary.text(id);
        piece.putObject("SpecialToken").put("id", text).put("type_id", 0);
        ObjectNode token = all.putObject(text).put("id", text);
        token.putArray("ids").add(id);
        token.putArray("tokens").add(text);
    }

    private Optional<Integer> named(String name) {
        return Vocabulary.named(metadata, name);
    }

    private ObjectNode config() {
        ObjectNode config = object();
        ObjectNode added = config.putObject("added_tokens_decoder");
        for (int id = 0; id < vocabulary.size(); id++) {
            if (isAdded(id)) {
                added.set(String.valueOf(id), description(id));
            }
        }
        putToken(config, "bos_token", "bos");
        putToken(config, "eos_token", "eos");
        putToken(config, "pad_token", "padding");
        putToken(config, "unk_token", "unknown");
        config.put("clean_up_tokenization_spaces", false);
        config.put("model_max_length", metadata.needInteger(ConfigJson.architecture(metadata) + ".context_length"));
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        putTemplates(config);
        return config;
    }

    private void putToken(ObjectNode config, String as, String name) {
        named(name).ifPresent(id -> config.put(as, vocabulary.text(id)));
    }

    /** The template, or a list of several by their names. */
    private void putTemplates(ObjectNode config) {
        Optional<String> main = metadata.text(TEMPLATE);
        List<String> names = metadata.list(TEMPLATES, String.class).orElse(List.of());
        if (names.isEmpty()) {
            main.ifPresent(template -> config.put("chat_template", template));
            return;
        }
        ArrayNode templates = config.putArray("chat_template");
        main.ifPresent(template -> templates.addObject().put("name", "default").put("template", template));
        for (String name : names) {
            metadata.text(TEMPLATE + "." + name)
                    .filter(template -> !name.equals("default") || main.isEmpty())
                    .ifPresent(
                            template -> templates.addObject().put("name", name).put("template", template));
        }
    }
}
