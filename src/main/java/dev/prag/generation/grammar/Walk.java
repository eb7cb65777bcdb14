package dev.prag.generation.grammar;

/** Collects the tokens that configurations take and that leave few enough tokens to write. */
final class Walk {
    final long[] bits;
    /** Tokens that may follow one that is taken. */
    private final int budget;

    /** The most tokens that one of those found leaves to write. */
    private int dearest;
    /** The fewest that one of those refused does. */
    private int cheapestRefused = Costs.ENDLESS;

    private boolean any;

    Walk(int words, int budget) {
        bits = new long[words];
        this.budget = budget;
    }

    int dearest() {
        return dearest;
    }

    int cheapestRefused() {
        return cheapestRefused;
    }

    boolean refused() {
        return cheapestRefused < Costs.ENDLESS;
    }

    boolean any() {
        return any;
    }

    /** Takes tokens that are known to be taken. */
    void add(long[] tokens, int leaving) {
        for (int i = 0; i < bits.length; i++) {
            bits[i] |= tokens[i];
        }
        dearest = Math.max(dearest, leaving);
        any = true;
    }

    /** Looks for tokens of a tree. */
    void over(TokenTrie trie, Configuration from) {
        Configuration[] path = new Configuration[trie.deepest + 1];
        path[0] = from;
        for (int node = 0; node < trie.nodes; ) {
            Configuration next = path[trie.depth[node] - 1].step(trie.label[node] & 0xFF);
            if (next.impossible()) {
                node = trie.end[node];
                continue;
            }
            path[trie.depth[node]] = next;
            if (trie.hasTokens(node) && fits(next.cost)) {
                trie.mark(node, bits);
            }
            node++;
        }
    }

    /** Takes a token, if it leaves few enough tokens to write. */
    void take(int id, int leaving) {
        if (fits(leaving)) {
            bits[id >> 6] |= 1L << id;
        }
    }

    private boolean fits(int leaving) {
        if (leaving > budget) {
            cheapestRefused = Math.min(cheapestRefused, leaving);
            return false;
        }
        dearest = Math.max(dearest, leaving);
        any = true;
        return true;
    }
}
