package dev.prag.generation.grammar;

import java.util.ArrayList;
import java.util.List;

/**
 * What a leaf alone says about the tokens of a vocabulary.
 *
 * @param within tokens that end within it, or with it
 * @param any whether there are such
 * @param increase how many tokens one of those makes the leaf cost more, at most; may be negative
 * @param beyond tokens that go on behind its end, by the bytes that do
 */
record LeafMask(long[] within, boolean any, int increase, TokenTrie beyond) {
    static LeafMask of(Leaf leaf, TokenTrie trie, int words) {
        long[] within = new long[words];
        boolean any = false;
        int dearest = 0;
        List<TokenTrie.Entry> beyond = new ArrayList<>();
        Configuration[] path = new Configuration[trie.deepest + 1];
        path[0] = Configuration.of(new Stack(leaf, Stack.EMPTY));
        for (int node = 0; node < trie.nodes; ) {
            Configuration next = path[trie.depth[node] - 1].step(trie.label[node] & 0xFF);
            if (next.impossible()) {
                node = trie.end[node];
                continue;
            }
            path[trie.depth[node]] = next;
            if (trie.hasTokens(node)) {
                trie.mark(node, within);
                dearest = any ? Math.max(dearest, next.cost) : next.cost;
                any = true;
            }
            if (next.complete()) {
                trie.addBeyond(node, beyond);
            }
            node++;
        }
        return new LeafMask(
                within, any, dearest - leaf.cost(), beyond.isEmpty() ? TokenTrie.NONE : new TokenTrie(beyond));
    }
}
