package dev.prag.generation.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the tokens of a vocabulary are at one place of a string. Strings differ in how many characters they may still
 * have, and with each token of a text that number changes: so the tree is walked once, and a mask is made by counting.
 */
final class StringTokens {
    /** A bound that no token reaches. */
    private static final int MANY = 1 << 20;

    private static final StringLeaf.Place[] PLACES = StringLeaf.Place.values();

    private final int words;
    /** Tokens that end within the string or with it, the characters that they begin, and the place that they end at. */
    private int[] ids = new int[1024];

    private int[] characters = new int[1024];
    private byte[] places = new byte[1024];
    private int size;
    /** Tokens that go on behind the end, by the bytes that do, and the characters before. */
    private final List<TokenTrie.Entry> beyond = new ArrayList<>();

    private int[] charactersBefore = new int[64];

    StringTokens(StringLeaf.Place place, TokenTrie trie, int words) {
        this.words = words;
        StringLeaf[] path = new StringLeaf[trie.deepest + 1];
        path[0] = new StringLeaf(place, 0, MANY);
        for (int node = 0; node < trie.nodes; ) {
            StringLeaf before = path[trie.depth[node] - 1];
            StringLeaf next = before.step(trie.label[node] & 0xFF);
            if (next == null) {
                node = trie.end[node];
                continue;
            }
            path[trie.depth[node]] = next;
            boolean ended = next.accepting();
            int begun = MANY - (ended ? before : next).most();
            if (trie.hasTokens(node)) {
                for (int id : trie.tokens(node)) {
                    add(id, begun, next.place());
                }
            }
            if (ended) {
                addBeyond(trie, node, begun);
            }
            node = ended ? trie.end[node] : node + 1;
        }
        ids = Arrays.copyOf(ids, size);
        characters = Arrays.copyOf(characters, size);
        places = Arrays.copyOf(places, size);
    }

    private void add(int id, int begun, StringLeaf.Place place) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
            characters = Arrays.copyOf(characters, 2 * size);
            places = Arrays.copyOf(places, 2 * size);
        }
        ids[size] = id;
        characters[size] = begun;
        places[size++] = (byte) place.ordinal();
    }

    private void addBeyond(TokenTrie trie, int node, int begun) {
        int from = beyond.size();
        trie.addBeyond(node, beyond);
        if (beyond.size() > charactersBefore.length) {
            charactersBefore = Arrays.copyOf(charactersBefore, 2 * beyond.size());
        }
        Arrays.fill(charactersBefore, from, beyond.size(), begun);
    }

    /** The mask of a leaf at this place. */
    LeafMask mask(StringLeaf leaf) {
        Walk all = new Walk(words, Costs.ENDLESS);
        within(leaf, 0, all);
        List<TokenTrie.Entry> fitting = new ArrayList<>();
        for (int i = 0; i < beyond.size(); i++) {
            if (charactersBefore[i] >= leaf.least() && charactersBefore[i] <= leaf.most()) {
                fitting.add(beyond.get(i));
            }
        }
        return new LeafMask(
                all.bits,
                all.any(),
                all.dearest() - leaf.cost(),
                fitting.isEmpty() ? TokenTrie.NONE : new TokenTrie(fitting));
    }

    /**
     * Gives the tokens that end within the leaf's string or with it.
     *
     * @param below tokens that what follows the string takes
     */
    void within(StringLeaf leaf, int below, Walk walk) {
        for (int i = 0; i < size; i++) {
            StringLeaf.Place place = PLACES[places[i]];
            int missing = leaf.least() - characters[i];
            if (characters[i] <= leaf.most() && !(place == StringLeaf.Place.END && missing > 0)) {
                walk.take(ids[i], Costs.sum(below, StringLeaf.cost(place, Math.max(0, missing))));
            }
        }
    }
}
