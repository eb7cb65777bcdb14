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
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * The base model, asked what it would say: many sequences in a batch, none of them with an adapter. What all of them begin
 * with, such as the passage that their questions are about, is read once.
 */
final class Teacher {
    /** Fewer common tokens aren't worth a batch of their own. */
    private static final int WORTH_SHARING = 32;

    private final Decoder decoder;
    private final Backpropagation backpropagation;
    private final int maxRows;
    private final int known;
    private final BooleanSupplier cancelled;

    /**
     * @param maxRows of a batch
     * @param known how many probabilities of each distribution are wanted
     * @param cancelled asked before each batch
     */
    Teacher(Decoder decoder, Backpropagation backpropagation, int maxRows, int known, BooleanSupplier cancelled) {
        this.decoder = decoder;
        this.backpropagation = backpropagation;
        this.maxRows = maxRows;
        this.known = known;
        this.cancelled = cancelled;
    }

    /**
     * What it predicts for the tokens of each sequence from its answer on, or from the second on where that begins
     * earlier.
     *
     * @throws CancellationException if cancelled
     */
    List<Foresight> read(List<Sample> sequences) {
        BasePrompts.Prompt prefix = prefix(sequences);
        try (BasePrompts read = new BasePrompts(decoder, backpropagation, maxRows, List.of(prefix))) {
            int[] blocks = read.read(List.of(prefix)).getFirst();
            return readAfter(new Prefix(prefix.ids().length, blocks, read.cache()), sequences);
        }
    }

    /**
     * What sequences begin with.
     *
     * @param length tokens
     * @param cache which holds their keys and values in {@code blocks}; null where there are none
     */
    private record Prefix(int length, int[] blocks, KvCache cache) {}

    /** What all begin with, as far as none is asked about it; nothing where it isn't worth a batch. */
    private BasePrompts.Prompt prefix(List<Sample> sequences) {
        int[] first = sequences.getFirst().ids();
        int shared = sequences.size() < 2 ? 0 : first.length;
        for (Sample sequence : sequences) {
            int differs = Arrays.mismatch(first, sequence.ids());
            shared = Math.min(Math.min(shared, from(sequence) - 1), differs < 0 ? shared : differs);
        }
        shared = Math.min(shared, backpropagation.longestPrefix());
        return BasePrompts.Prompt.of(first, shared < WORTH_SHARING ? 0 : shared);
    }

    private List<Foresight> readAfter(Prefix prefix, List<Sample> sequences) {
        List<Foresight> read = new ArrayList<>();
        List<Sample> together = new ArrayList<>();
        int rows = 0;
        for (Sample sequence : sequences) {
            int more = sequence.ids().length - prefix.length();
            if (!together.isEmpty() && rows + more > maxRows) {
                readTogether(prefix, together, read);
                together.clear();
                rows = 0;
            }
            together.add(sequence);
            rows += more;
        }
        if (!together.isEmpty()) {
            readTogether(prefix, together, read);
        }
        return read;
    }

    private void readTogether(Prefix prefix, List<Sample> sequences, List<Foresight> read) {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("reading was cancelled");
        }
        Rows rows = new Rows();
        List<Segment> segments = new ArrayList<>();
        for (Sample sequence : sequences) {
            int[] ids = sequence.ids();
            int first = rows.count();
            rows.addSequence(Arrays.copyOfRange(ids, prefix.length(), ids.length));
            segments.add(new Segment(
                    new Span(first, ids.length - prefix.length(), prefix.length(), prefix.blocks()), Composition.NONE));
            for (int token = from(sequence); token < ids.length; token++) {
                rows.label(first + token - 1 - prefix.length(), ids[token], 1);
            }
        }
        Backpropagation.Labels labels = rows.labels();
        Backpropagation.Predictions predictions =
                backpropagation.predict(new Batch(rows.ids(), segments), labels, prefix.cache(), known);
        int row = 0;
        for (Sample sequence : sequences) {
            int tokens = sequence.ids().length - from(sequence);
            read.add(foresight(predictions, labels, row, tokens));
            row += tokens;
        }
    }

    private static int from(Sample sequence) {
        return Math.max(1, sequence.answerFrom());
    }

    private Foresight foresight(
            Backpropagation.Predictions predictions, Backpropagation.Labels labels, int firstRow, int tokens) {
        int[] ids = new int[tokens * known];
        float[] probabilities = new float[tokens * known];
        for (int token = 0; token < tokens; token++) {
            int row = firstRow + token;
            boolean hasLabel = false;
            for (int i = 0; i < known; i++) {
                ids[token * known + i] = predictions.ids()[row * known + i];
                probabilities[token * known + i] = (float) Math.exp(predictions.logProbabilities()[row * known + i]);
                hasLabel |= ids[token * known + i] == labels.ids()[row];
            }
            if (!hasLabel) {
                // In the place of the least likely one.
                ids[(token + 1) * known - 1] = labels.ids()[row];
                probabilities[(token + 1) * known - 1] =
                        (float) Math.exp(predictions.labels()[row]);
            }
        }
        return new Foresight(known, ids, probabilities);
    }
}
