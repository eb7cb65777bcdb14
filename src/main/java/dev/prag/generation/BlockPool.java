package dev.prag.generation;

import java.util.BitSet;

/** The blocks of the cache that nobody has: a stack, so that what was used last is used next. */
final class BlockPool {
    private final int[] free;
    private final BitSet taken;
    private int available;

    BlockPool(int blocks) {
        free = new int[blocks];
        taken = new BitSet(blocks);
        available = blocks;
        for (int i = 0; i < blocks; i++) {
            free[i] = blocks - 1 - i;
        }
    }

    int size() {
        return free.length;
    }

    int available() {
        return available;
    }

    /** So many blocks, or null if there aren't as many. */
    int[] take(int count) {
        if (count > available) {
            return null;
        }
        int[] blocks = new int[count];
        for (int i = 0; i < count; i++) {
            blocks[i] = free[--available];
            taken.set(blocks[i]);
        }
        return blocks;
    }

    void give(int[] blocks) {
        for (int block : blocks) {
            if (!taken.get(block)) {
                throw new IllegalStateException("block " + block + " was given back twice");
            }
            taken.clear(block);
            free[available++] = block;
        }
    }
}
