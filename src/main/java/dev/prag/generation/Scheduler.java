package dev.prag.generation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Decides what runs in a step; knows nothing about models. Sequences are admitted first come, first served, once there
 * is a place and all the blocks that they can ever need, so that none dies of memory later and none is overtaken for
 * ever. Every sequence that is being continued gets its row in every step. Prompts share the rows for prefill, oldest
 * first, and are always cut at multiples of the chunk, whatever else runs: what a sequence computes in one call doesn't
 * depend on its neighbours.
 *
 * <p>Not synchronised: the engine's lock guards it.
 */
final class Scheduler {
    /**
     * The next rows of a sequence.
     *
     * @param yields whether a token is chosen after its last row
     */
    record Work(Sequence sequence, int rows, boolean yields) {}

    private final BlockPool pool;
    private final int blockSize;
    private final int maxSequences;
    private final int chunk;
    private final ArrayDeque<Sequence> waiting = new ArrayDeque<>();
    private final List<Sequence> running = new ArrayList<>();

    Scheduler(EngineSettings settings) {
        pool = new BlockPool(settings.cacheBlocks());
        blockSize = settings.blockSize();
        maxSequences = settings.maxSequences();
        chunk = settings.prefillRows();
    }

    void add(Sequence sequence) {
        waiting.add(sequence);
    }

    /** Admits from the head of the queue as long as there is room. */
    void admit(long now) {
        while (!waiting.isEmpty() && running.size() < maxSequences) {
            int[] blocks = pool.take(Math.ceilDiv(waiting.getFirst().positions(), blockSize));
            if (blocks == null) {
                return;
            }
            Sequence sequence = waiting.removeFirst();
            sequence.exchangeBlocks(blocks);
            sequence.admittedAt = now;
            running.add(sequence);
        }
    }

    /** What the next step computes: at most a row for each sequence and a chunk of prompts. */
    List<Work> plan() {
        List<Work> plan = new ArrayList<>(running.size());
        int room = chunk;
        for (Sequence sequence : running) {
            if (sequence.decoding()) {
                plan.add(new Work(sequence, 1, true));
            } else {
                int rows = Math.min(chunk, sequence.pending());
                if (rows <= room) {
                    plan.add(new Work(sequence, rows, rows == sequence.pending()));
                    room -= rows;
                }
            }
        }
        return plan;
    }

    /** Takes out those whose callers have cancelled them, and frees their blocks. */
    List<Sequence> removeCancelled() {
        List<Sequence> cancelled = new ArrayList<>(0);
        for (Iterator<Sequence> i = waiting.iterator(); i.hasNext(); ) {
            take(i, cancelled);
        }
        for (Iterator<Sequence> i = running.iterator(); i.hasNext(); ) {
            take(i, cancelled);
        }
        return cancelled;
    }

    /** Takes a running sequence out and frees its blocks. */
    void remove(Sequence sequence) {
        if (running.remove(sequence)) {
            free(sequence);
        }
    }

    /** Takes everything out. */
    List<Sequence> removeAll() {
        List<Sequence> all = new ArrayList<>(running);
        all.addAll(waiting);
        all.forEach(this::free);
        running.clear();
        waiting.clear();
        return all;
    }

    boolean idle() {
        return waiting.isEmpty() && running.isEmpty();
    }

    int waiting() {
        return waiting.size();
    }

    int running() {
        return running.size();
    }

    BlockPool pool() {
        return pool;
    }

    private void take(Iterator<Sequence> i, List<Sequence> to) {
        Sequence sequence = i.next();
        if (sequence.generation.cancelled()) {
            i.remove();
            free(sequence);
            to.add(sequence);
        }
    }

    private void free(Sequence sequence) {
        pool.give(sequence.exchangeBlocks(new int[0]));
    }
}
