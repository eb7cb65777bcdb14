package dev.prag.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.prag.base.PatternBudget;
import dev.prag.base.UserException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;

/** Reads the parts of tokenizer.json that only SentencePiece's tokenizers have: marks for spaces, and bytes as tokens. */
final class SentencePieceReader {
    private static final String DECODER = "a Sequence of Replace, ByteFallback, Fuse and Strip, in this order";

    private final String origin;

    SentencePieceReader(String origin) {
        this.origin = origin;
    }

    /** Whether the decoder is one of SentencePiece's. */
    static boolean decodes(JsonNode decoder) {
        return steps(decoder).stream().anyMatch(step -> typeOf(step).equals("Replace"));
    }

    private static List<JsonNode> steps(JsonNode decoder) {
        List<JsonNode> steps = new ArrayList<>();
        JsonNode all = typeOf(decoder).equals("Sequence")
                ? decoder.path("decoders")
                : JsonNodeFactory.instance.arrayNode().add(decoder);
        all.forEach(steps::add);
        return steps;
    }

    private static String typeOf(JsonNode node) {
        return node.path("type").asText();
    }

    /** How tokens become text. */
    TokenSpelling.SentencePiece spelling(JsonNode decoder) {
        List<String> order = List.of("Replace", "ByteFallback", "Fuse", "Strip");
        Normalization.Replacement mark = null;
        boolean bytes = false;
        int stripped = 0;
        boolean fused = false;
        int done = -1;
        for (JsonNode step : steps(decoder)) {
            int place = order.indexOf(typeOf(step));
            if (place <= done) {
                throw unsupported("decoder", step, DECODER);
            }
            done = place;
            switch (typeOf(step)) {
                case "Replace" -> mark = replacement(step, "decoder");
                case "ByteFallback" -> bytes = true;
                case "Fuse" -> fused = true;
                default -> stripped = stripped(step, fused);
            }
        }
        return new TokenSpelling.SentencePiece(mark.pattern(), mark.content(), bytes, stripped);
    }

    private int stripped(JsonNode step, boolean fused) {
        if (!fused
                || !step.path("content").asText().equals(" ")
                || step.path("stop").asInt() != 0
                || step.path("start").asInt(-1) < 0) {
            throw unsupported("decoder", step, "a Strip of spaces at the beginning of the whole text, behind Fuse");
        }
        return step.path("start").intValue();
    }

    /** A text that is put for another. */
    Normalization.Replacement replacement(JsonNode node, String part) {
        JsonNode pattern = node.path("pattern").path("String");
        JsonNode content = node.path("content");
        if (!pattern.isTextual() || pattern.textValue().isEmpty() || !content.isTextual()) {
            throw unsupported(part, node, "a Replace of a String" + ("decoder".equals(part) ? "" : " or a Regex"));
        }
        return new Normalization.Replacement(pattern.textValue(), content.textValue());
    }

    /** A text that is put for another, or for the matches of a regular expression. */
    Normalization rewriting(JsonNode node) {
        JsonNode regex = node.path("pattern").path("Regex");
        if (!regex.isTextual() || !node.path("content").isTextual()) {
            return replacement(node, "normalizer");
        }
        try {
            return new Normalization.Rewriting(
                    PatternBudget.compile(regex.textValue(), origin, Oniguruma::compile),
                    node.path("content").textValue(),
                    origin);
        } catch (PatternSyntaxException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    origin + ": the regular expression " + regex.textValue() + " of a Replace is not supported: "
                            + e.getDescription() + "; use a model without it",
                    e);
        }
    }

    /** What stands before a piece. */
    Normalization prefix(JsonNode node) {
        JsonNode prefix = node.path("prepend");
        if (!prefix.isTextual()) {
            throw unsupported("normalizer", node, "a Prepend of a text");
        }
        return new Normalization.Prefix(prefix.textValue());
    }

    Metaspace metaspace(JsonNode node) {
        String mark = node.path("replacement").asText();
        // Older files say only whether there is a prefix.
        String scheme = node.path("add_prefix_space").asBoolean(true)
                ? node.path("prepend_scheme").asText("always")
                : "never";
        if (mark.codePointCount(0, mark.length()) != 1) {
            throw unsupported("pre_tokenizer", node, "a Metaspace with a replacement of one character");
        }
        return new Metaspace(
                mark,
                switch (scheme) {
                    case "always" -> Metaspace.Scheme.ALWAYS;
                    case "first" -> Metaspace.Scheme.FIRST;
                    case "never" -> Metaspace.Scheme.NEVER;
                    default -> throw unsupported("pre_tokenizer", node, "the prepend_scheme always, first or never");
                });
    }

    /** What merging begins with. */
    Symbols symbols(JsonFile model, Map<String, Integer> vocabulary) {
        int[] bytes = new int[256];
        for (int b = 0; b < bytes.length; b++) {
            bytes[b] = model.flag("byte_fallback", false)
                    ? vocabulary.getOrDefault(TokenSpelling.SentencePiece.spell(b), BytePairs.NO_ID)
                    : BytePairs.NO_ID;
        }
        Optional<String> unknown = model.text("unk_token");
        if (unknown.isPresent() && !vocabulary.containsKey(unknown.get())) {
            throw new UserException(model.origin() + ": unk_token is " + unknown.get()
                    + ", which vocab lacks; copy the file again from where the model was published");
        }
        return new CharacterSymbols(
                vocabulary, bytes, unknown.map(vocabulary::get).orElse(BytePairs.NO_ID), model.flag("fuse_unk", false));
    }

    private UserException unsupported(String part, JsonNode found, String supported) {
        return new UserException(origin + ": the " + part + " " + found + " is not supported; supported is " + supported
                + ", as LLaMA 2 and Mistral use");
    }
}
