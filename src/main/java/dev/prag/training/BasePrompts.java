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
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keys and values of prompts as the base model reads them, for the rows behind them under adapters ({@link
 * dev.prag.lora.Scope#ANSWER}). What all prompts of a kind begin with is read once, and each of them once as long as there
 * is room. Where there isn't for all, those that were read last make way for those that are wanted: trainings go through
 * their samples in circles, so these are needed again later than any others.
 */
final class BasePrompts implements AutoCloseable {
    private static final int BLOCK_SIZE = 16;

    /** A prompt by its tokens; an empty one needs no reading. */
    record Prompt(int[] ids) {
        static final Prompt NONE = new Prompt(new int[0]);

        /** The first so many tokens of a sequence. */
        static Prompt of(int[] sequence, int tokens) {
            return tokens == 0 ? NONE : new Prompt(Arrays.copyOf(sequence, tokens));
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Prompt prompt && Arrays.equals(ids, prompt.ids);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(ids);
        }
    }

    /** What the prompts of a kind begin with: whole blocks of the cache. */
    private static final class Beginning {
        static final Beginning NONE = new Beginning(0, 0);

        private final int tokens;
        private final int firstBlock;
        private boolean isRead;

        Beginning(int tokens, int firstBlock) {
            this.tokens = tokens;
            this.firstBlock = firstBlock;
            this.isRead = tokens == 0;
        }

        int[] table() {
            return IntStream.range(firstBlock, firstBlock + tokens / BLOCK_SIZE).toArray();
        }
    }

    private final Backpropagation backpropagation;
    private final int maxRows;
    private final Map<Prompt, Beginning> beginnings = new HashMap<>();
    /** Blocks of all beginnings, which are the first ones of the cache. */
    private final int sharedBlocks;

    private final int capacity;
    /** Null where nothing is to be read. */
    private final KvCache cache;

    /** Block tables, in the order in which the prompts were read. */
    private final LinkedHashMap<Prompt, int[]> held = new LinkedHashMap<>();
    /** Blocks behind those of the beginnings. */
    private final BitSet taken = new BitSet();

    /**
     * @param maxRows of a batch
     * @param kinds all prompts that will be asked for, those together that are likely to begin alike
     */
    BasePrompts(
            Decoder decoder, Backpropagation backpropagation, int maxRows, List<? extends Collection<Prompt>> kinds) {
        this(decoder, backpropagation, maxRows, backpropagation.prefixRoom(), kinds);
    }

    /** @param room tokens that there is memory for; more are held where a prompt is longer */
    BasePrompts(
            Decoder decoder,
            Backpropagation backpropagation,
            int maxRows,
            int room,
            List<? extends Collection<Prompt>> kinds) {
        this.backpropagation = backpropagation;
        this.maxRows = maxRows;
        int blocks = 0;
        for (Collection<Prompt> kind : kinds) {
            blocks += begin(kind, blocks);
        }
        sharedBlocks = blocks;
        Set<Prompt> all = beginnings.keySet();
        int most = room / BLOCK_SIZE - sharedBlocks;
        int largest = all.stream().mapToInt(this::blocks).max().orElse(0);
        capacity = Math.max(
                largest, Math.min(most, all.stream().mapToInt(this::blocks).sum()));
        cache = all.isEmpty() ? null : decoder.newExactCache(Math.max(1, sharedBlocks + capacity), BLOCK_SIZE);
    }

    /** Takes note of what prompts begin with; how many blocks it needs, from this one on. */
    private int begin(Collection<Prompt> kind, int firstBlock) {
        List<Prompt> prompts = kind.stream()
                .filter(prompt -> prompt.ids().length > 0)
                .distinct()
                .toList();
        int blocks = shared(prompts.stream().map(Prompt::ids).toList()) / BLOCK_SIZE;
        Beginning beginning = new Beginning(blocks * BLOCK_SIZE, firstBlock);
        prompts.forEach(prompt -> beginnings.putIfAbsent(prompt, beginning));
        return blocks;
    }

    private Beginning beginning(Prompt prompt) {
        return beginnings.getOrDefault(prompt, Beginning.NONE);
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
        return Math.ceilDiv(Math.max(0, prompt.ids().length - beginning(prompt).tokens), BLOCK_SIZE);
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
        Set<Prompt> missing = new LinkedHashSet<>(prompts);
        missing.remove(Prompt.NONE);
        missing.removeAll(held.keySet());
        makeRoom(missing.stream().mapToInt(this::blocks).sum(), new HashSet<>(prompts));
        missing.forEach(this::readBeginning);
        List<Prompt> together = new ArrayList<>();
        int rows = 0;
        for (Prompt prompt : missing) {
            int more = prompt.ids().length - beginning(prompt).tokens;
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

    /** Whether it is read already. */
    boolean holds(Prompt prompt) {
        return held.containsKey(prompt);
    }

    /** Lets go of prompts until so many blocks are free. */
    private void makeRoom(int blocks, Set<Prompt> wanted) {
        Iterator<Map.Entry<Prompt, int[]>> latestFirst =
                held.sequencedEntrySet().reversed().iterator();
        while (capacity - taken.cardinality() < blocks) {
            Map.Entry<Prompt, int[]> entry = latestFirst.next();
            if (!wanted.contains(entry.getKey())) {
                Arrays.stream(entry.getValue())
                        .skip(beginning(entry.getKey()).tokens / BLOCK_SIZE)
                        .forEach(block -> taken.clear(block - sharedBlocks));
                latestFirst.remove();
            }
        }
    }

    /** Free blocks, which are taken now. */
    private int[] take(int blocks) {
        int[] free = new int[blocks];
        for (int i = 0; i < blocks; i++) {
            int next = taken.nextClearBit(0);
            taken.set(next);
            free[i] = sharedBlocks + next;
        }
        return free;
    }

    private void readBeginning(Prompt prompt) {
        Beginning beginning = beginning(prompt);
        if (!beginning.isRead) {
            int[] ids = Arrays.copyOf(prompt.ids(), beginning.tokens);
            keep(ids, List.of(new Span(0, ids.length, 0, beginning.table())));
            beginning.isRead = true;
        }
    }

    private void readTogether(List<Prompt> prompts) {
        Rows rows = new Rows();
        List<Span> spans = new ArrayList<>();
        for (Prompt prompt : prompts) {
            Beginning beginning = beginning(prompt);
            int[] own = take(blocks(prompt));
            int[] table = IntStream.concat(IntStream.of(beginning.table()), IntStream.of(own))
                    .toArray();
            held.put(prompt, table);
            if (own.length > 0) {
                int[] rest = Arrays.copyOfRange(prompt.ids(), beginning.tokens, prompt.ids().length);
                spans.add(new Span(rows.count(), rest.length, beginning.tokens, table));
                rows.addSequence(rest);
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
