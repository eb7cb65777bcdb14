package dev.prag.training;

import dev.prag.llm.Backpropagation;
import dev.prag.llm.Batch;
import dev.prag.llm.Decoder;
import dev.prag.llm.KvCache;
import dev.prag.llm.Segment;
import dev.prag.lora.Composition;
import dev.prag.tensor.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keys and values of prompts as the base model reads them, for the rows behind them under adapters ({@link
 * dev.prag.lora.Scope#ANSWER}). What all prompts begin with is read once, and each of them once as long as there is room:
 * where there isn't for all, those that are held make way for those that are wanted.
 */
final class BasePrompts implements AutoCloseable {
    private static final int BLOCK_SIZE = 16;

    /** A prompt by its tokens; an empty one needs no reading. */
    record Prompt(int[] ids) {
        static final Prompt NONE = new Prompt(new int[0]);

        @Override
        public boolean equals(Object other) {
            return other instanceof Prompt prompt && Arrays.equals(ids, prompt.ids);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(ids);
        }
    }

    private final Backpropagation backpropagation;
    private final int maxRows;
    /** Tokens that all begin with, whole blocks of them: the first ones of the cache. */
    private final int shared;

    private final int sharedBlocks;
    private final int capacity;
    /** Null where nothing is to be read. */
    private final KvCache cache;

    private final Map<Prompt, int[]> held = new HashMap<>();
    private boolean sharedIsRead;
    private int used;

    /**
     * @param maxRows of a batch
     * @param prompts all that will be asked for
     */
    BasePrompts(Decoder decoder, Backpropagation backpropagation, int maxRows, Collection<Prompt> prompts) {
        this(decoder, backpropagation, maxRows, backpropagation.prefixRoom(), prompts);
    }

    /** @param room tokens that there is memory for; more are held where a prompt is longer */
    BasePrompts(Decoder decoder, Backpropagation backpropagation, int maxRows, int room, Collection<Prompt> prompts) {
        this.backpropagation = backpropagation;
        this.maxRows = maxRows;
        List<Prompt> all = prompts.stream()
                .filter(prompt -> prompt.ids().length > 0)
                .distinct()
                .toList();
        shared = shared(all.stream().map(Prompt::ids).toList()) / BLOCK_SIZE * BLOCK_SIZE;
        sharedBlocks = shared / BLOCK_SIZE;
        int most = room / BLOCK_SIZE - sharedBlocks;
        int largest = all.stream().mapToInt(this::blocks).max().orElse(0);
        capacity = Math.max(
                largest, Math.min(most, all.stream().mapToInt(this::blocks).sum()));
        cache = all.isEmpty() ? null : decoder.newExactCache(Math.max(1, sharedBlocks + capacity), BLOCK_SIZE);
    }

    /** How many tokens all sequences begin with, if there are several. */
    static int shared(List<int[]> sequences) {
        if (sequences.size() < 2) {
            return 0;
        }
        int[] first = sequences.getFirst();
        int shared = first.length;
        for (int[] sequence : sequences) {
            int differs = Arrays.mismatch(first, sequence);
            shared = differs < 0 ? shared : Math.min(shared, differs);
        }
        return shared;
    }

    /** Blocks that a prompt needs for itself. */
    int blocks(Prompt prompt) {
        return Math.ceilDiv(Math.max(0, prompt.ids().length - shared), BLOCK_SIZE);
    }

    /** Blocks that prompts which are wanted together may need for themselves. */
    int capacity() {
        return capacity;
    }

    /** Where the keys and values lie. */
    KvCache cache() {
        return cache;
    }

    /**
     * Sees to it that these are held.
     *
     * @param prompts of no more blocks than there is {@link #capacity} for
     * @return the block table of each
     */
    List<int[]> read(List<Prompt> prompts) {
        Set<Prompt> missing = missing(prompts);
        if (used + missing.stream().mapToInt(this::blocks).sum() > capacity) {
            held.clear();
            used = 0;
            missing = missing(prompts);
        }
        readShared(missing);
        List<Prompt> together = new ArrayList<>();
        int rows = 0;
        for (Prompt prompt : missing) {
            int more = prompt.ids().length - shared;
            if (!together.isEmpty() && rows + more > maxRows) {
                readTogether(together);
                together.clear();
                rows = 0;
            }
            together.add(prompt);
            rows += more;
        }
        readTogether(together);
        return prompts.stream()
                .map(prompt -> prompt.ids().length == 0 ? prompt.ids() : held.get(prompt))
                .toList();
    }

    private Set<Prompt> missing(List<Prompt> prompts) {
        Set<Prompt> missing = new LinkedHashSet<>(prompts);
        missing.remove(Prompt.NONE);
        missing.removeAll(held.keySet());
        return missing;
    }

    private void readShared(Set<Prompt> missing) {
        if (sharedIsRead || shared == 0 || missing.isEmpty()) {
            return;
        }
        int[] ids = Arrays.copyOf(missing.iterator().next().ids(), shared);
        int[] table = IntStream.range(0, sharedBlocks).toArray();
        keep(ids, List.of(new Span(0, shared, 0, table)));
        sharedIsRead = true;
    }

    private void readTogether(List<Prompt> prompts) {
        Rows rows = new Rows();
        List<Span> spans = new ArrayList<>();
        for (Prompt prompt : prompts) {
            int own = blocks(prompt);
            int first = sharedBlocks + used;
            int[] table = IntStream.concat(IntStream.range(0, sharedBlocks), IntStream.range(first, first + own))
                    .toArray();
            used += own;
            held.put(prompt, table);
            if (own > 0) {
                spans.add(new Span(rows.count(), prompt.ids().length - shared, shared, table));
                rows.addSequence(Arrays.copyOfRange(prompt.ids(), shared, prompt.ids().length));
            }
        }
        if (!spans.isEmpty()) {
            keep(rows.ids(), spans);
        }
    }

    private void keep(int[] ids, List<Span> spans) {
        backpropagation.keep(
                new Batch(
                        ids,
                        spans.stream()
                                .map(span -> new Segment(span, Composition.NONE))
                                .toList()),
                cache);
    }

    @Override
    public void close() {
        if (cache != null) {
            cache.close();
        }
    }
}
