package dev.prag.generation;

import java.util.List;

/**
 * The blocks of one sequence in the order of its positions: those at the beginning of its prompt may be shared, the
 * others are its own.
 */
final class BlockTable {
    private final int[] places;
    private final List<SharedBlock> shared;
    private final int blockSize;
    /** Shared blocks known to be computed. */
    private int ready;

    BlockTable(int[] places, List<SharedBlock> shared, int blockSize) {
        this.places = places;
        this.shared = List.copyOf(shared);
        this.blockSize = blockSize;
    }

    int[] places() {
        return places;
    }

    List<SharedBlock> shared() {
        return shared;
    }

    /** How many positions can be read, given that those before {@code computed} can: others may have written more. */
    int readable(int computed) {
        int before = ready;
        while (ready < shared.size() && shared.get(ready).computed()) {
            ready++;
        }
        return ready > before ? ready * blockSize : computed;
    }

    /**
     * Claims the positions from {@code computed}, which is {@link #readable}, to {@code until} for writing.
     *
     * @return how many of them it may write now: 0 while another sequence computes the same rows
     */
    int claim(int computed, int until) {
        for (int i = ready; i < shared.size() && i * blockSize < until; i++) {
            if (!shared.get(i).claim(this)) {
                return i * blockSize - computed;
            }
        }
        return until - computed;
    }

    /** Takes note that this sequence has written all positions before {@code computed}. */
    void written(int computed) {
        while (ready < shared.size() && (ready + 1) * blockSize <= computed) {
            shared.get(ready++).markComputed();
        }
    }
}
