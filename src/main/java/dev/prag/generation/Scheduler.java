package dev.prag.generation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Decides what runs in a step; knows nothing about models. Sequences are admitted first come, first served, once there
 * is a place and all the blocks that they can ever need, so that none dies of memory later and none is overtaken for
 * ever. Every sequence that is being continued gets its row in every step. Prompts share the rows for prefill, oldest
 * first, and are always cut at multiples of the chunk, whatever else runs. A prompt waits while an older sequence
 * computes rows that it shares; should that one leave, it computes them itself.
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

    private final PrefixCache cache;
    private final int maxSequences;
    private final int chunk;
    private final ArrayDeque<Sequence> waiting = new ArrayDeque<>();
    private final List<Sequence> running = new ArrayList<>();
    private long reused;

    Scheduler(EngineSettings settings) {
        cache = new PrefixCache(settings.cacheBlocks(), settings.blockSize());
        maxSequences = settings.maxSequences();
        chunk = settings.prefillRows();
    }

    void add(Sequence sequence) {
        waiting.add(sequence);
    }

    /** Admits from the head of the queue as long as there is room. */
    void admit(long now) {
        while (!waiting.isEmpty() && running.size() < maxSequences) {
            Sequence sequence = waiting.getFirst();
            BlockTable blocks = cache.take(
                    sequence.prefixComposition(), sequence.request.prompt(), sequence.sharable(), sequence.positions());
            if (blocks == null) {
                return;
            }
            sequence.admit(blocks, now);
            running.add(waiting.removeFirst());
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
                reused += sequence.reuse();
                int rows = sequence.nextRows(chunk);
                if (rows > 0 && rows <= room) {
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

    PrefixCache cache() {
        return cache;
    }

    /** Positions of prompts that were not computed because another sequence had done so. */
    long reused() {
        return reused;
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
        BlockTable blocks = sequence.takeBlocks();
        if (blocks != null) {
            cache.give(blocks);
        }
    }
}
