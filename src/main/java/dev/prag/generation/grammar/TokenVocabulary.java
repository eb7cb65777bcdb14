package dev.prag.generation.grammar;

import dev.prag.llm.Tokenizer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The tokens of a model that have text, and what is known of them by now: grammars of schemas, and the masks of leaves
 * that all schemas share. Safe for many threads.
 */
public final class TokenVocabulary {
    private static final int GRAMMARS = 64;
    /** Of a vocabulary of 128,000, each takes 16 kB and what goes beyond. */
    private static final int MASKS = 512;

    final TokenTrie trie;
    /** Of 64 bits that a mask has. */
    final int words;

    private final byte[][] bytes;
    private final Map<JsonSchema, Grammar> grammars = recent(GRAMMARS);
    private final Map<Leaf, LeafMask> masks = recent(MASKS);
    private final Map<StringLeaf.Place, StringTokens> strings = new EnumMap<>(StringLeaf.Place.class);

    /**
     * @param bytes of each token; null or empty where one has no text, which is never chosen then
     * @param size ids are below it; at least as many as there are tokens
     */
    TokenVocabulary(byte[][] bytes, int size) {
        this.bytes = bytes;
        words = (size + 63) / 64;
        List<TokenTrie.Entry> entries = new ArrayList<>(bytes.length);
        for (int id = 0; id < bytes.length; id++) {
            if (bytes[id] != null && bytes[id].length > 0) {
                entries.add(new TokenTrie.Entry(bytes[id], id));
            }
        }
        trie = new TokenTrie(entries);
    }

    /**
     * The tokens of a tokenizer without the special ones.
     *
     * @param size of the model's vocabulary, which may be larger or smaller than the tokenizer's
     */
    public static TokenVocabulary of(Tokenizer tokenizer, int size) {
        byte[][] bytes = new byte[Math.min(size, tokenizer.vocabSize())][];
        for (int id = 0; id < bytes.length; id++) {
            bytes[id] = tokenizer.isSpecial(id) ? null : tokenizer.bytes(id);
        }
        return new TokenVocabulary(bytes, size);
    }

    /**
     * What the schema allows in this vocabulary; made once.
     *
     * @throws dev.prag.base.UserException naming what of the schema isn't supported, or can't be fulfilled
     */
    public Grammar grammar(JsonSchema schema) {
        return get(grammars, schema, s -> new Grammar(s, this));
    }

    /** The mask of a leaf that all schemas have. */
    LeafMask mask(Leaf leaf) {
        return get(
                masks,
                leaf,
                l -> l instanceof StringLeaf string
                        ? strings(string.place()).mask(string)
                        : LeafMask.of(l, trie, words));
    }

    /** Its tokens at a place of a string. */
    StringTokens strings(StringLeaf.Place place) {
        synchronized (strings) {
            return strings.computeIfAbsent(place, p -> new StringTokens(p, trie, words));
        }
    }

    byte[] bytes(int id) {
        return bytes[id];
    }

    private static <K, V> V get(Map<K, V> map, K key, Function<K, V> make) {
        synchronized (map) {
            return map.computeIfAbsent(key, make);
        }
    }

    private static <K, V> Map<K, V> recent(int most) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > most;
            }
        };
    }
}
