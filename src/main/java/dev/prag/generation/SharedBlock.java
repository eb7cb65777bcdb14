package dev.prag.generation;

import java.nio.IntBuffer;

/**
 * A block of the cache whose rows are a whole block of a prompt, and may serve every sequence that begins alike under
 * the same composition. Its rows are written by one sequence at a time and never again once they are computed.
 */
final class SharedBlock {
    /**
     * What makes two blocks the same: all that stands before them, and their tokens. As a key names the block before
     * it, and that one's key the one before, down to the composition, two sequences share a block only if they share
     * everything up to its end.
     *
     * @param before the block before, or the {@link dev.prag.lora.Composition} for the first
     */
    record Key(Object before, IntBuffer tokens) {}

    final Key key;
    /** Where it lies in the cache. */
    final int place;

    private BlockTable writer;
    private boolean computed;
    private int users;

    SharedBlock(Key key, int place) {
        this.key = key;
        this.place = place;
    }

    /** Whether its rows can be read. */
    boolean computed() {
        return computed;
    }

    void markComputed() {
        computed = true;
        writer = null;
    }

    /** Lets the sequence of that table write it, unless another one does. */
    boolean claim(BlockTable by) {
        if (writer == null) {
            writer = by;
        }
        return writer == by;
    }

    /** Sequences that have it in their tables. */
    int users() {
        return users;
    }

    void use() {
        users++;
    }

    /** The sequence of that table goes; if it was writing here, another may. */
    void leave(BlockTable by) {
        users--;
        if (writer == by) {
            writer = null;
        }
    }
}
