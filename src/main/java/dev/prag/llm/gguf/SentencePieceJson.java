package dev.prag.llm.gguf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.llm.gguf.Vocabulary.Kind;
import dev.prag.tensor.gguf.Metadata;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * SentencePiece's byte-pair encoding (Kudo and Richardson, 2018) as tokenizer.json spells it: what transformers makes of
 * tokenizer.model for LLaMA's tokenizer in its older ("legacy") form, which is how llama.cpp reads a vocabulary, too.
 */
final class SentencePieceJson {
    private static final String SCORES = "tokenizer.ggml.scores";
    private static final String ADD_PREFIX = "tokenizer.ggml.add_space_prefix";
    private static final String MARK = "▁";

    private final Metadata metadata;
    private final Vocabulary vocabulary;
    private final boolean prefix;

    SentencePieceJson(Metadata metadata, Vocabulary vocabulary) {
        this.metadata = metadata;
        this.vocabulary = vocabulary;
        prefix = metadata.flag(ADD_PREFIX).orElse(true);
    }

    private static ObjectNode step(String type) {
        return JsonNodeFactory.instance.objectNode().put("type", type);
    }

    private static ObjectNode replace(String pattern, String content) {
        ObjectNode replace = step("Replace");
        replace.putObject("pattern").put("String", pattern);
        return replace.put("content", content);
    }

    /** Spaces become marks; one stands before each piece of text between added tokens. */
    ObjectNode normalizer() {
        ObjectNode sequence = step("Sequence");
        ArrayNode steps = sequence.putArray("normalizers");
        if (prefix) {
            steps.add(step("Prepend").put("prepend", MARK));
        }
        steps.add(replace(" ", MARK));
        return sequence;
    }

    ObjectNode decoder() {
        ObjectNode sequence = step("Sequence");
        ArrayNode steps = sequence.putArray("decoders");
        steps.add(replace(MARK, " ")).add(step("ByteFallback")).add(step("Fuse"));
        if (prefix) {
            steps.add(step("Strip").put("content", " ").put("start", 1).put("stop", 0));
        }
        return sequence;
    }

    ObjectNode model() {
        ObjectNode model = step("BPE").putNull("dropout");
        int unknown = Vocabulary.named(metadata, "unknown").orElse(-1);
        if (unknown < 0) {
            model.putNull("unk_token");
        } else {
            model.put("unk_token", vocabulary.text(unknown));
        }
        model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        model.put("fuse_unk", true).put("byte_fallback", hasBytes()).put("ignore_merges", false);
        Map<String, Integer> ids = ids();
        ObjectNode vocab = model.putObject("vocab");
        IntStream.range(0, vocabulary.size())
                .filter(id -> ids.get(vocabulary.text(id)) == id)
                .forEach(id -> vocab.put(vocabulary.text(id), id));
        ArrayNode merges = model.putArray("merges");
        for (Merge merge : merges(ids)) {
            merges.addArray().add(merge.left).add(merge.right);
        }
        return model;
    }

    private boolean hasBytes() {
        return IntStream.range(0, vocabulary.size()).anyMatch(id -> vocabulary.kind(id) == Kind.BYTE);
    }

    /** Ids by spelling; a token that isn't used may be spelt as another. */
    private Map<String, Integer> ids() {
        Map<String, Integer> ids = HashMap.newHashMap(vocabulary.size());
        for (boolean used : new boolean[] {true, false}) {
            for (int id = 0; id < vocabulary.size(); id++) {
                if (used != (vocabulary.kind(id) != Kind.UNUSED)) {
                    continue;
                }
                Integer other = ids.putIfAbsent(vocabulary.text(id), id);
                if (other != null && used) {
                    throw vocabulary.twice(other, id);
                }
            }
        }
        return ids;
    }

    private record Merge(String left, String right, double score) {}

    /**
     * The pairs of tokens whose union is a token, the one with the highest score first: SentencePiece merges by scores
     * where tokenizer.json has an order. Of equal scores the longer left one comes first, as in transformers.
     */
    private List<Merge> merges(Map<String, Integer> ids) {
        List<Double> scores = metadata.list(SCORES, Double.class).orElseThrow(() -> metadata.missing(SCORES));
        if (scores.size() != vocabulary.size()) {
            throw metadata.wrong(SCORES, "must have as many entries as there are tokens, " + vocabulary.size());
        }
        List<Merge> merges = new ArrayList<>();
        for (int id = 0; id < vocabulary.size(); id++) {
            String text = vocabulary.text(id);
            if (!merges(ids, text, id)) {
                continue;
            }
            for (int at = text.offsetByCodePoints(0, 1); at < text.length(); at = text.offsetByCodePoints(at, 1)) {
                String left = text.substring(0, at);
                String right = text.substring(at);
                if (merges(ids, left) && merges(ids, right)) {
                    merges.add(new Merge(left, right, scores.get(id)));
                }
            }
        }
        merges.sort(Comparator.comparingDouble(Merge::score)
                .thenComparingInt(merge -> merge.left.codePointCount(0, merge.left.length()))
                .thenComparingInt(merge -> merge.right.codePointCount(0, merge.right.length()))
                .reversed());
        return merges;
    }

    private boolean merges(Map<String, Integer> ids, String text) {
        Integer id = ids.get(text);
        return id != null && merges(ids, text, id);
    }

    /** Whether a token is made of text by merging, rather than looked for or spelt in bytes. */
    private boolean merges(Map<String, Integer> ids, String text, int id) {
        Kind kind = vocabulary.kind(id);
        return (kind == Kind.NORMAL || kind == Kind.UNUSED) && !text.isEmpty() && ids.get(text) == id;
    }
}
