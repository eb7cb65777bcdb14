package dev.prag.llm;

import java.util.Arrays;

/** Merges by their pair of ids: open addressing over primitive arrays, since vocabularies have hundreds of thousands. */
final class PairTable {
    private static final long EMPTY = -1;

    private final long[] pairs;
    private final int[] ranks;
    private final int[] merged;
    private final int mask;

    /** Room for that many merges. */
    PairTable(int merges) {
        int capacity = Integer.highestOneBit(Math.max(8, merges)) << 2;
        pairs = new long[capacity];
        Arrays.fill(pairs, EMPTY);
        ranks = new int[capacity];
        merged = new int[capacity];
        mask = capacity - 1;
    }

    /** Notes that left and right become {@code into}; a later rank for the same pair replaces an earlier one. */
    void put(int left, int right, int rank, int into) {
        long pair = pair(left, right);
        int slot = slot(pair);
        while (pairs[slot] != EMPTY && pairs[slot] != pair) {
            slot = slot + 1 & mask;
        }
        pairs[slot] = pair;
        ranks[slot] = rank;
        merged[slot] = into;
    }

    /** Where the pair is noted, or -1. */
    int find(int left, int right) {
        long pair = pair(left, right);
        int slot = slot(pair);
        while (pairs[slot] != EMPTY) {
            if (pairs[slot] == pair) {
                return slot;
            }
            slot = slot + 1 & mask;
        }
        return -1;
    }

    int rank(int slot) {
        return ranks[slot];
    }

    int merged(int slot) {
        return merged[slot];
    }

    private static long pair(int left, int right) {
        return (long) left << 32 | right;
    }

    private int slot(long pair) {
        long mixed = pair * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32) & mask;
    }
}
