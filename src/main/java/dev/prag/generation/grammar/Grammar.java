package dev.prag.generation.grammar;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A schema in a vocabulary. Safe for many threads. */
public final class Grammar {
    final TokenVocabulary vocabulary;
    final Configuration start;
    private final Map<Leaf, LeafMask> masks = new ConcurrentHashMap<>();

    Grammar(JsonSchema schema, TokenVocabulary vocabulary) {
        this.vocabulary = vocabulary;
        start = Configuration.of(new Stack(new SchemaCompiler(schema.root(), vocabulary.trie).compile(), Stack.EMPTY));
    }

    /**
     * Begins a text.
     *
     * @param endIds tokens that end it
     */
    public Matcher matcher(Set<Integer> endIds) {
        return new Matcher(this, endIds);
    }

    LeafMask mask(Leaf leaf) {
        Leaf alike = leaf.alike(vocabulary.trie.deepest);
        return alike.common()
                ? vocabulary.mask(alike)
                : masks.computeIfAbsent(alike, l -> LeafMask.of(l, vocabulary.trie, vocabulary.words));
    }
}
