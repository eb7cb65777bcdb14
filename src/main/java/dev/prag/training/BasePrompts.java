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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Keys and values of prompts as the base model reads them, for the rows behind them under adapters ({@link
 * dev.prag.lora.Scope#ANSWER}). They lie in blocks, and prompts that begin alike share those that they begin with: each is
 * read once as long as there is room. Where there isn't for all, what only one prompt needs makes way first, and of this
 * what was read last: trainings go through their samples in circles, so it is needed again later than any other.
 */
final class BasePrompts implements AutoCloseable {
    private static final int BLOCK_SIZE = 16;
    private static final int NOT_HELD = -1;

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

    /**
     * A block's tokens behind those of the blocks before.
     *
     * @param before the number of the beginning that it goes on from; -1 for none
     */
    private record Beginning(int before, Prompt tokens) {}

    private final Backpropagation backpropagation;
    private final int maxRows;
    /** For each prompt the numbers of its beginnings: those of one block, of two, and so on. */
    private final Map<Prompt, int[]> paths = new HashMap<>();
    /** Of each beginning the block that holds its last tokens. */
    private final int[] blocks;
    /** Beginnings of several prompts. */
    private final BitSet shared = new BitSet();
    /** Of each beginning how many prompts that may still be asked for begin with it; one that is named twice counts twice. */
    private final int[] uses;
    /** Numbers of the beginnings that are held, in the order in which they were read. */
    private final List<Integer> held = new ArrayList<>();

    private final BitSet free = new BitSet();
    private final int capacity;
    /** Null where nothing is to be read. */
    private final KvCache cache;

    /**
     * @param maxRows of a batch
     * @param prompts all that will be asked for; of several that are equal each may be {@link #letGo} by itself
     */
    BasePrompts(Decoder decoder, Backpropagation backpropagation, int maxRows, Collection<Prompt> prompts) {
        this(decoder, backpropagation, maxRows, backpropagation.prefixTokens(), prompts);
    }

    /** @param room tokens that there is memory for; more are held where a prompt is longer */
    BasePrompts(Decoder decoder, Backpropagation backpropagation, int maxRows, int room, Collection<Prompt> prompts) {
        this.backpropagation = backpropagation;
        this.maxRows = maxRows;
        Map<Beginning, Integer> numbers = new HashMap<>();
        prompts.forEach(prompt -> paths.computeIfAbsent(prompt, p -> path(p.ids(), numbers)));
        blocks = new int[numbers.size()];
        Arrays.fill(blocks, NOT_HELD);
        BitSet seen = new BitSet();
        for (int[] path : paths.values()) {
            Arrays.stream(path).filter(seen::get).forEach(shared::set);
            Arrays.stream(path).forEach(seen::set);
        }
        uses = new int[numbers.size()];
        for (Prompt prompt : prompts) {
            Arrays.stream(paths.get(prompt)).forEach(beginning -> uses[beginning]++);
        }
        int largest =
                paths.values().stream().mapToInt(path -> path.length).max().orElse(0);
        capacity = Math.max(largest, Math.min(room / BLOCK_SIZE, blocks.length));
        free.set(0, capacity);
        cache = capacity == 0 ? null : decoder.newExactCache(capacity, BLOCK_SIZE);
    }

    private static int[] path(int[] ids, Map<Beginning, Integer> numbers) {
        int[] path = new int[Math.ceilDiv(ids.length, BLOCK_SIZE)];
        for (int i = 0; i < path.length; i++) {
            int from = i * BLOCK_SIZE;
            int[] tokens = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + BLOCK_SIZE));
            Beginning beginning = new Beginning(i == 0 ? -1 : path[i - 1], new Prompt(tokens));
            numbers.putIfAbsent(beginning, numbers.size());
            path[i] = numbers.get(beginning);
        }
        return path;
    }

    /** Prompts that are to be held at the same time. */
    final class Together {
        private final BitSet beginnings = new BitSet();

        /** Takes one more, if there is room for all of them then; there is for any alone. */
        boolean takes(Prompt prompt) {
            BitSet all = (BitSet) beginnings.clone();
            Arrays.stream(paths.get(prompt)).forEach(all::set);
            boolean fits = all.cardinality() <= capacity;
            if (fits) {
                beginnings.or(all);
            }
            return fits;
        }
    }

    /** Blocks that there is room for. */
    int capacity() {
        return capacity;
    }

    /** Whether it is read already. */
    boolean holds(Prompt prompt) {
        return Arrays.stream(paths.get(prompt)).allMatch(this::isHeld);
    }

    private boolean isHeld(int beginning) {
        return blocks[beginning] != NOT_HELD;
    }

    /** Where the keys and values lie. */
    KvCache cache() {
        return cache;
    }

    /**
     * Sees to it that these are held.
     *
     * @param prompts as many as there is room for {@link Together}
     * @return the block table of each
     */
    List<int[]> read(List<Prompt> prompts) {
        makeRoom(prompts);
        Reading reading = new Reading();
        new LinkedHashSet<>(prompts).forEach(reading::add);
        reading.end();
        return prompts.stream().map(this::table).toList();
    }

    private int[] table(Prompt prompt) {
        return Arrays.stream(paths.get(prompt))
                .map(beginning -> blocks[beginning])
                .toArray();
    }

    /** Lets go of what isn't wanted. */
    private void makeRoom(List<Prompt> prompts) {
        BitSet wanted = new BitSet();
        prompts.forEach(prompt -> Arrays.stream(paths.get(prompt)).forEach(wanted::set));
        int missing =
                (int) wanted.stream().filter(beginning -> !isHeld(beginning)).count();
        makeRoom(missing, wanted, false);
        makeRoom(missing, wanted, true);
    }

    /** The last first: so nothing is held whose beginning isn't. */
    private void makeRoom(int missing, BitSet wanted, boolean ofShared) {
        for (int i = held.size() - 1; i >= 0 && capacity - held.size() < missing; i--) {
            int beginning = held.get(i);
            if (!wanted.get(beginning) && shared.get(beginning) == ofShared) {
                held.remove(i);
                makeFree(beginning);
            }
        }
    }

    private void makeFree(int beginning) {
        free.set(blocks[beginning]);
        blocks[beginning] = NOT_HELD;
    }

    /** These won't be asked for any more: what no other prompt begins with makes way at once. */
    void letGo(Collection<Prompt> prompts) {
        for (Prompt prompt : prompts) {
            Arrays.stream(paths.get(prompt)).forEach(beginning -> uses[beginning]--);
        }
        held.removeIf(beginning -> {
            boolean useless = uses[beginning] == 0;
            if (useless) {
                makeFree(beginning);
            }
            return useless;
        });
    }

    /** Prompts that go through the model in batches. */
    private final class Reading {
        private final BitSet underWay = new BitSet();
        private List<Segment> segments = new ArrayList<>();
        private Rows rows = new Rows();

        void add(Prompt prompt) {
            int[] path = paths.get(prompt);
            int known =
                    (int) IntStream.of(path).takeWhile(BasePrompts.this::isHeld).count();
            if (known == path.length) {
                return;
            }
            int from = known * BLOCK_SIZE;
            int[] rest = Arrays.copyOfRange(prompt.ids(), from, prompt.ids().length);
            // What it begins with has to be there when it is read.
            if (rows.count() + rest.length > maxRows
                    || Arrays.stream(path, 0, known).anyMatch(underWay::get)) {
                end();
            }
            for (int beginning : Arrays.copyOfRange(path, known, path.length)) {
                blocks[beginning] = free.nextSetBit(0);
                free.clear(blocks[beginning]);
                held.add(beginning);
                underWay.set(beginning);
            }
            segments.add(new Segment(new Span(rows.count(), rest.length, from, table(prompt)), Composition.NONE));
            rows.addSequence(rest);
        }

        void end() {
            if (!segments.isEmpty()) {
                backpropagation.keep(new Batch(rows.ids(), segments), cache);
            }
            underWay.clear();
            segments = new ArrayList<>();
            rows = new Rows();
        }
    }

    @Override
    public void close() {
        if (cache != null) {
            cache.close();
        }
    }
}
