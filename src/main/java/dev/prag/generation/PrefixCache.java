package dev.prag.generation;

import dev.prag.generation.SharedBlock.Key;
import dev.prag.lora.Composition;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/**
 * Hands out the blocks of the cache, and the same ones to sequences that begin alike (Zheng et al., SGLang, 2024). Only
 * whole blocks of a prompt are shared, and only under one composition: the same adapters with the same weights in the
 * same order; that of no adapters where they are in force in the answer only ({@link dev.prag.lora.Scope#ANSWER}), so
 * that one prompt serves every composition. An adapter that is loaded again is another one, whatever place it gets, so rows that were computed with
 * its former self can't be found any more.
 *
 * <p>Blocks that nobody uses any more stay until their room is needed; the least recently used go first.
 *
 * <p>Not synchronised: the engine's lock guards it.
 */
final class PrefixCache {
    private final BlockPool pool;
    private final int blockSize;
    private final Map<Key, SharedBlock> blocks = new HashMap<>();
    /**
     * Computed blocks that no sequence uses, the least recently used first. A sequence gives its blocks back from the
     * last to the first, so a block always stands behind all that continue it.
     */
    private final SequencedSet<SharedBlock> idle = new LinkedHashSet<>();

    PrefixCache(int blocks, int blockSize) {
        pool = new BlockPool(blocks);
        this.blockSize = blockSize;
    }

    /** Blocks that no sequence has. */
    int available() {
        return pool.available() + idle.size();
    }

    /** Those of them that hold a prefix which can be used again. */
    int cached() {
        return idle.size();
    }

    int size() {
        return pool.size();
    }

    /**
     * The blocks of a sequence for so many positions, or null if there aren't as many. The last token of a prompt is
     * never found computed, because its row is needed to choose the next.
     *
     * @param composition what the rows that may be shared are computed under
     * @param most tokens of the prompt that may be shared
     */
    BlockTable take(Composition composition, int[] prompt, int most, int positions) {
        int sharable = most / blockSize;
        List<SharedBlock> shared = find(composition, prompt, sharable);
        int found = shared.size();
        int[] places = new int[Math.ceilDiv(positions, blockSize)];
        int fresh = places.length - found;
        // What was found can't make room for the rest.
        long unused = shared.stream().filter(block -> block.users() == 0).count();
        if (fresh > available() - unused) {
            return null;
        }
        for (int i = 0; i < found; i++) {
            idle.remove(shared.get(i));
            places[i] = shared.get(i).place;
        }
        while (pool.available() < fresh) {
            remove(idle.removeFirst());
        }
        System.arraycopy(pool.take(fresh), 0, places, found, fresh);
        for (int i = found; i < sharable; i++) {
            SharedBlock block = new SharedBlock(key(i == 0 ? composition : shared.getLast(), prompt, i), places[i]);
            blocks.put(block.key, block);
            shared.add(block);
        }
        shared.forEach(SharedBlock::use);
        BlockTable table = new BlockTable(places, shared, blockSize);
        shared.subList(found, sharable).forEach(block -> block.claim(table));
        return table;
    }

    /** The blocks of the beginning of a prompt that are there, at most so many. */
    private List<SharedBlock> find(Composition composition, int[] prompt, int most) {
        List<SharedBlock> found = new ArrayList<>(most);
        Object before = composition;
        while (found.size() < most) {
            SharedBlock block = blocks.get(key(before, prompt, found.size()));
            if (block == null) {
                break;
            }
            found.add(block);
            before = block;
        }
        return found;
    }

    /** Takes back the blocks of a sequence that has ended. */
    void give(BlockTable table) {
        List<SharedBlock> shared = table.shared();
        for (SharedBlock block : shared.reversed()) {
            block.leave(table);
            if (block.users() == 0) {
                if (block.computed()) {
                    idle.addLast(block);
                } else {
                    remove(block);
                }
            }
        }
        pool.give(Arrays.copyOfRange(table.places(), shared.size(), table.places().length));
    }

    /** Gives up all prefixes that no sequence uses: none of them is found any more. */
    void forgetIdle() {
        while (!idle.isEmpty()) {
            remove(idle.removeFirst());
        }
    }

    private void remove(SharedBlock block) {
        blocks.remove(block.key);
        pool.give(new int[] {block.place});
    }

    private Key key(Object before, int[] prompt, int block) {
        return new Key(before, IntBuffer.wrap(Arrays.copyOfRange(prompt, block * blockSize, (block + 1) * blockSize)));
    }
}
