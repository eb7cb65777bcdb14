package dev.prag.generation.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Tokens as a tree of their bytes, its nodes in preorder: a node's subtree ends where {@code end} says. */
final class TokenTrie {
    /** A token, or the end of one. */
    record Entry(byte[] bytes, int id) {}

    static final TokenTrie NONE = new TokenTrie(List.of());

    final int nodes;
    /** The byte that leads to a node. */
    final byte[] label;
    /** 1 for nodes of one byte. */
    final short[] depth;
    /** The node after the subtree. */
    final int[] end;
    /** The longest token's bytes. */
    final int deepest;

    /** Tokens in the order of the nodes; those of node n are [first[n], first[n + 1]). */
    private final int[] ids;

    private final int[] first;

    /** @param entries none without bytes */
    TokenTrie(List<Entry> entries) {
        List<Entry> sorted = new ArrayList<>(entries);
        sorted.sort((a, b) -> Arrays.compareUnsigned(a.bytes(), b.bytes()));
        int most = sorted.stream().mapToInt(e -> e.bytes().length).sum();
        deepest = sorted.stream().mapToInt(e -> e.bytes().length).max().orElse(0);
        byte[] labels = new byte[most];
        short[] depths = new short[most];
        int[] ends = new int[most];
        int[] firsts = new int[most + 1];
        int[] path = new int[deepest];
        ids = new int[sorted.size()];
        byte[] before = {};
        int size = 0;
        for (int i = 0; i < ids.length; i++) {
            byte[] bytes = sorted.get(i).bytes();
            int common = Math.max(0, Arrays.mismatch(before, bytes));
            common = Arrays.equals(before, bytes) ? bytes.length : common;
            for (int d = common; d < before.length; d++) {
                ends[path[d]] = size;
            }
            for (int d = common; d < bytes.length; d++) {
                path[d] = size;
                labels[size] = bytes[d];
                depths[size] = (short) (d + 1);
                firsts[size] = i;
                size++;
            }
            ids[i] = sorted.get(i).id();
            before = bytes;
        }
        for (int d = 0; d < before.length; d++) {
            ends[path[d]] = size;
        }
        firsts[size] = ids.length;
        nodes = size;
        label = Arrays.copyOf(labels, size);
        depth = Arrays.copyOf(depths, size);
        end = Arrays.copyOf(ends, size);
        first = Arrays.copyOf(firsts, size + 1);
    }

    boolean hasTokens(int node) {
        return first[node] < first[node + 1];
    }

    int[] tokens(int node) {
        return Arrays.copyOfRange(ids, first[node], first[node + 1]);
    }

    /** Sets the bits of the tokens that end at a node. */
    void mark(int node, long[] bits) {
        for (int i = first[node]; i < first[node + 1]; i++) {
            bits[ids[i] >> 6] |= 1L << ids[i];
        }
    }

    /** Adds the tokens below a node, each with what follows the node's bytes. */
    void addBeyond(int node, List<Entry> to) {
        byte[] path = new byte[deepest];
        for (int below = node + 1; below < end[node]; below++) {
            path[depth[below] - 1] = label[below];
            for (int i = first[below]; i < first[below + 1]; i++) {
                to.add(new Entry(Arrays.copyOfRange(path, depth[node], depth[below]), ids[i]));
            }
        }
    }
}
