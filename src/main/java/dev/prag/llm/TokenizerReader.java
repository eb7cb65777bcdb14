package dev.prag.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.prag.base.PatternBudget;
import dev.prag.base.UserException;
import dev.prag.llm.AddedTokens.AddedToken;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads tokenizer.json; parts that byte-pair encoding, byte-level or SentencePiece's, doesn't need are refused by name. */
final class TokenizerReader {
    private static final int MAX_ID = 1 << 24;
    private static final String COPY = "; copy the file again from where the model was published";

    /** How GPT-2 cuts text: what ByteLevel does where it is asked to use its own expression. */
    private static final String BYTE_LEVEL_SPLIT =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    private final JsonFile json;
    private final TokenizerSettings settings;
    private final SentencePieceReader sentencePiece;
    private final Map<String, Integer> vocabulary = new HashMap<>();
    private final List<AddedToken> addedTokens = new ArrayList<>();
    private final List<Normalization> normalizers = new ArrayList<>();
    private Optional<Metaspace> metaspace = Optional.empty();
    private final List<PreTokenizer> preTokenizers = new ArrayList<>();
    private final List<Integer> prefix = new ArrayList<>();
    private final List<Integer> suffix = new ArrayList<>();
    private boolean byteLevel;

    private TokenizerReader(JsonFile json, TokenizerSettings settings) {
        this.json = json;
        this.settings = settings;
        sentencePiece = new SentencePieceReader(json.origin());
    }

    static Tokenizer.Parts read(JsonFile json, TokenizerSettings settings) {
        return new TokenizerReader(json, settings).parts();
    }

    private Tokenizer.Parts parts() {
        JsonFile model =
                json.object("model").orElseThrow(() -> new UserException(json.origin() + " has no model" + COPY));
        String type = model.text("type").orElse("BPE");
        if (!type.equals("BPE")) {
            throw unsupported("model", type, "BPE");
        }
        addNormalizers(json.get("normalizer"));
        addPreTokenizers(json.get("pre_tokenizer"));
        JsonNode decoder = json.get("decoder");
        if (!byteLevel && !SentencePieceReader.decodes(decoder)) {
            throw unsupported(
                    "pre_tokenizer",
                    typeOf(json.get("pre_tokenizer")) + " with the decoder " + typeOf(decoder),
                    "one that ends with ByteLevel, or what SentencePiece's models have");
        }
        BytePairs bytePairs = bytePairs(model);
        readAddedTokens();
        addPostProcessors(json.get("post_processor"));
        if (byteLevel) {
            checkDecoder(decoder);
        }
        return new Tokenizer.Parts(
                vocabulary,
                bytePairs,
                addedTokens,
                normalizers,
                metaspace,
                new PreTokenizer.Sequence(preTokenizers),
                byteLevel ? new TokenSpelling.ByteLevel() : sentencePiece.spelling(decoder),
                settings.prefix().map(this::ids).orElse(prefix),
                settings.suffix().map(this::ids).orElse(suffix),
                settings.embeddings());
    }

    /** Ids of tokens that another file of the model names. */
    private List<Integer> ids(List<String> tokens) {
        return tokens.stream()
                .map(token -> addedTokens.stream()
                        .filter(added -> added.content().equals(token))
                        .map(AddedToken::id)
                        .findFirst()
                        .or(() -> Optional.ofNullable(vocabulary.get(token)))
                        .orElseThrow(() -> new UserException(json.origin() + " has no token " + token
                                + ", which tokenizer_config.json puts at the ends of a text" + COPY)))
                .toList();
    }

    private UserException unsupported(String part, String found, String supported) {
        return new UserException(json.origin() + ": the " + part + " " + found + " is not supported; supported is "
                + supported + ", as LLaMA and Qwen2 use");
    }

    private static String typeOf(JsonNode node) {
        return node.path("type").asText(node.isObject() ? "without a type" : "null");
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isNull() || node.isMissingNode();
    }

    private BytePairs bytePairs(JsonFile model) {
        for (String name : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            String value = model.text(name).orElse("");
            if (!value.isEmpty()) {
                throw unsupported(name, value, "none");
            }
        }
        if (byteLevel && model.flag("byte_fallback", false)) {
            throw unsupported("option", "byte_fallback with ByteLevel", "byte-level BPE, which needs none");
        }
        if (model.number("dropout", 0, 1, 0) != 0) {
            throw unsupported("dropout", model.get("dropout").toString(), "none");
        }
        readVocabulary(model);
        Symbols symbols = byteLevel ? byteSymbols(model) : sentencePiece.symbols(model, vocabulary);
        return new BytePairs(vocabulary, merges(model), symbols, model.flag("ignore_merges", false));
    }

    /** Id of each byte. What the vocabulary lacks is dropped, or becomes unk_token where there is one. */
    private Symbols byteSymbols(JsonFile model) {
        int[] ids = new int[256];
        int missing = 0;
        for (int b = 0; b < 256; b++) {
            Integer id = vocabulary.get(String.valueOf(ByteAlphabet.character(b)));
            ids[b] = id == null ? BytePairs.NO_ID : id;
            missing += id == null ? 1 : 0;
        }
        Optional<String> unknown = model.text("unk_token");
        if (missing == 256) {
            throw new UserException(model.origin() + ": vocab has no token for any byte, so this is not byte-level BPE;"
                    + " use a model that has it");
        }
        if (missing > 0 && unknown.isPresent() && !vocabulary.containsKey(unknown.get())) {
            throw new UserException(model.origin() + ": unk_token is " + unknown.get() + ", which vocab lacks, as it"
                    + " does " + missing + " bytes" + COPY);
        }
        int unknownId = unknown.map(vocabulary::get).orElse(BytePairs.NO_ID);
        return new ByteSymbols(ids, unknownId, model.flag("fuse_unk", false));
    }

    private void readVocabulary(JsonFile model) {
        JsonNode vocab = model.get("vocab");
        if (!vocab.isObject()) {
            throw new UserException(model.origin() + ": vocab is missing or not an object" + COPY);
        }
        for (Map.Entry<String, JsonNode> entry : vocab.properties()) {
            vocabulary.put(entry.getKey(), id("the token " + entry.getKey(), entry.getValue()));
        }
    }

    private int id(String what, JsonNode node) {
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 0 || node.intValue() > MAX_ID) {
            throw new UserException(json.origin() + ": " + what + " has the id " + node + ", which must be a whole"
                    + " number from 0 to " + MAX_ID + COPY);
        }
        return node.intValue();
    }

    private PairTable merges(JsonFile model) {
        JsonNode merges = model.get("merges");
        if (!merges.isArray()) {
            throw new UserException(model.origin() + ": merges is missing or not a list" + COPY);
        }
        PairTable table = new PairTable(merges.size());
        for (int rank = 0; rank < merges.size(); rank++) {
            String[] pair = pair(merges.get(rank));
            Integer left = pair.length == 2 ? vocabulary.get(pair[0]) : null;
            Integer right = pair.length == 2 ? vocabulary.get(pair[1]) : null;
            Integer merged = pair.length == 2 ? vocabulary.get(pair[0] + pair[1]) : null;
            if (left == null || right == null || merged == null) {
                throw new UserException(model.origin() + ": merge " + rank + ", " + merges.get(rank)
                        + ", is not a pair of tokens whose union is a token" + COPY);
            }
            table.put(left, right, rank, merged);
        }
        return table;
    }

    /** A merge is written as a pair or, in older files, with a space between. */
    private static String[] pair(JsonNode merge) {
        return merge.isArray()
                ? merge.valueStream().map(JsonNode::asText).toArray(String[]::new)
                : merge.asText().split(" ", -1);
    }

    private void readAddedTokens() {
        for (JsonNode node : json.get("added_tokens")) {
            JsonFile token = new JsonFile(json.origin() + ": added_tokens", node);
            String content = token.text("content")
                    .orElseThrow(() -> new UserException(token.origin() + ": one has no content" + COPY));
            int id = id("the added token " + content, node.path("id"));
            Integer known = vocabulary.get(content);
            if (known != null && known != id) {
                throw new UserException(token.origin() + ": " + content + " has the id " + id + ", but " + known
                        + " in the vocabulary" + COPY);
            }
            boolean special = token.flag("special", false);
            addedTokens.add(new AddedToken(
                    id,
                    content,
                    token.flag("single_word", false),
                    token.flag("lstrip", false),
                    token.flag("rstrip", false),
                    token.flag("normalized", false),
                    special,
                    special
                            || settings.controls().contains(content)
                            || settings.controlIds().contains(id)));
        }
    }

    private void addNormalizers(JsonNode node) {
        if (isAbsent(node)) {
            return;
        }
        switch (typeOf(node)) {
            case "Sequence" -> node.path("normalizers").forEach(this::addNormalizers);
            case "NFC", "NFD", "NFKC", "NFKD" ->
                normalizers.add(new Normalization.Form(Normalizer.Form.valueOf(typeOf(node))));
            case "Prepend" -> normalizers.add(sentencePiece.prefix(node));
            case "Replace" -> normalizers.add(sentencePiece.rewriting(node));
            default ->
                throw unsupported(
                        "normalizer", typeOf(node), "NFC, NFD, NFKC, NFKD, Prepend, Replace or a Sequence of them");
        }
    }

    private void addPreTokenizers(JsonNode node) {
        if (isAbsent(node)) {
            return;
        }
        if (byteLevel) {
            throw unsupported("pre_tokenizer", typeOf(node) + " after ByteLevel", "ByteLevel as the last");
        }
        switch (typeOf(node)) {
            case "Sequence" -> node.path("pretokenizers").forEach(this::addPreTokenizers);
            case "Split" -> preTokenizers.add(split(node));
            case "Digits" ->
                preTokenizers.add(new PreTokenizer.Split(
                        Pattern.compile("\\p{N}"),
                        node.path("individual_digits").asBoolean()
                                ? PreTokenizer.Behavior.ISOLATED
                                : PreTokenizer.Behavior.CONTIGUOUS,
                        false));
            case "Metaspace" -> addMetaspace(node);
            case "ByteLevel" -> {
                byteLevel = true;
                if (node.path("add_prefix_space").asBoolean()) {
                    preTokenizers.add(new PreTokenizer.PrefixSpace());
                }
                if (node.path("use_regex").asBoolean(true)) {
                    preTokenizers.add(new PreTokenizer.Split(
                            Oniguruma.compile(BYTE_LEVEL_SPLIT), PreTokenizer.Behavior.ISOLATED, false));
                }
            }
            default ->
                throw unsupported(
                        "pre_tokenizer", typeOf(node), "Split, Digits, Metaspace, ByteLevel or a Sequence of them");
        }
    }

    private void addMetaspace(JsonNode node) {
        if (metaspace.isPresent() || !preTokenizers.isEmpty()) {
            throw unsupported("pre_tokenizer", "Metaspace behind others", "Metaspace as the first");
        }
        Metaspace spaces = sentencePiece.metaspace(node);
        metaspace = Optional.of(spaces);
        if (node.path("split").asBoolean(true)) {
            preTokenizers.add(new PreTokenizer.Split(
                    Pattern.compile(Pattern.quote(spaces.mark())), PreTokenizer.Behavior.MERGED_WITH_NEXT, false));
        }
    }

    private PreTokenizer split(JsonNode node) {
        JsonNode pattern = node.path("pattern");
        JsonNode regex = pattern.path("Regex");
        JsonNode literal = pattern.path("String");
        if (!regex.isTextual() && !literal.isTextual()) {
            throw new UserException(
                    json.origin() + ": the pattern of a Split is " + pattern + ", not a Regex or a String" + COPY);
        }
        try {
            return new PreTokenizer.Split(
                    regex.isTextual()
                            ? PatternBudget.compile(regex.textValue(), json.origin(), Oniguruma::compile)
                            : Pattern.compile(Pattern.quote(literal.textValue())),
                    behavior(node.path("behavior").asText()),
                    node.path("invert").asBoolean());
        } catch (PatternSyntaxException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    json.origin() + ": the regular expression " + regex.textValue() + " of a Split is not supported: "
                            + e.getDescription() + "; use a model with the split of LLaMA 3 or Qwen2",
                    e);
        }
    }

    private PreTokenizer.Behavior behavior(String name) {
        return switch (name) {
            case "Isolated" -> PreTokenizer.Behavior.ISOLATED;
            case "Removed" -> PreTokenizer.Behavior.REMOVED;
            case "MergedWithPrevious" -> PreTokenizer.Behavior.MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> PreTokenizer.Behavior.MERGED_WITH_NEXT;
            case "Contiguous" -> PreTokenizer.Behavior.CONTIGUOUS;
            default -> throw unsupported("behavior", name, "Isolated, Removed, MergedWith… or Contiguous");
        };
    }

    private void addPostProcessors(JsonNode node) {
        if (isAbsent(node)) {
            return;
        }
        switch (typeOf(node)) {
            case "Sequence" -> node.path("processors").forEach(this::addPostProcessors);
            case "TemplateProcessing" -> addTemplate(node);
            case "ByteLevel" -> {
                // It moves offsets only, which are not kept here.
            }
            default ->
                throw unsupported(
                        "post_processor", typeOf(node), "TemplateProcessing, ByteLevel or a Sequence of them");
        }
    }

    /** Each template goes around what the ones before it made. */
    private void addTemplate(JsonNode node) {
        List<Integer> before = new ArrayList<>();
        List<Integer> after = new ArrayList<>();
        int sequences = 0;
        for (JsonNode piece : node.path("single")) {
            if (piece.has("Sequence")) {
                sequences++;
            } else {
                String name = piece.path("SpecialToken").path("id").asText();
                JsonNode ids = node.path("special_tokens").path(name).path("ids");
                if (!ids.isArray() || ids.isEmpty()) {
                    throw new UserException(json.origin() + ": the post_processor has no ids for the special token "
                            + (name.isEmpty() ? piece : name) + COPY);
                }
                for (JsonNode id : ids) {
                    (sequences == 0 ? before : after).add(id("the special token " + name, id));
                }
            }
        }
        if (sequences != 1) {
            throw unsupported("post_processor", node.path("single").toString(), "one that holds the text once");
        }
        prefix.addAll(0, before);
        suffix.addAll(after);
    }

    private void checkDecoder(JsonNode node) {
        boolean sequence = typeOf(node).equals("Sequence");
        for (JsonNode part : sequence
                ? node.path("decoders")
                : JsonNodeFactory.instance.arrayNode().add(node)) {
            if (!typeOf(part).equals("ByteLevel")) {
                throw unsupported("decoder", typeOf(part), "ByteLevel");
            }
        }
    }
}
