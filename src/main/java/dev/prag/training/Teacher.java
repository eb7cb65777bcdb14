package dev.prag.training;

import dev.prag.llm.Backpropagation;
import dev.prag.llm.Batch;
import dev.prag.llm.Segment;
import dev.prag.lora.Composition;
import dev.prag.tensor.Span;
import java.util.ArrayList;
import java.util.List;

/** The base model, asked what it would say: many sequences in a batch, none of them with an adapter. */
final class Teacher {
    private final Backpropagation backpropagation;
    private final int maxRows;
    private final int known;

    /**
     * @param maxRows of a batch
     * @param known how many probabilities of each distribution are wanted
     */
    Teacher(Backpropagation backpropagation, int maxRows, int known) {
        this.backpropagation = backpropagation;
        this.maxRows = maxRows;
        this.known = known;
    }

    /**
     * What it predicts for the tokens of each sequence from its answer on, or from the second on where that begins
     * earlier.
     */
    List<Foresight> read(List<Sample> sequences) {
        List<Foresight> read = new ArrayList<>();
        List<Sample> together = new ArrayList<>();
        int rows = 0;
        for (Sample sequence : sequences) {
            if (!together.isEmpty() && rows + sequence.ids().length > maxRows) {
                readTogether(together, read);
                together.clear();
                rows = 0;
            }
            together.add(sequence);
            rows += sequence.ids().length;
        }
        if (!together.isEmpty()) {
            readTogether(together, read);
        }
        return read;
    }

    private void readTogether(List<Sample> sequences, List<Foresight> read) {
        Rows rows = new Rows();
        List<Segment> segments = new ArrayList<>();
        for (Sample sequence : sequences) {
            int first = rows.count();
            rows.addSequence(sequence.ids());
            segments.add(new Segment(Span.of(first, sequence.ids().length), Composition.NONE));
            for (int token = from(sequence); token < sequence.ids().length; token++) {
                rows.label(first + token - 1, sequence.ids()[token], 1);
            }
        }
        Backpropagation.Labels labels = rows.labels();
        Backpropagation.Predictions predictions =
                backpropagation.predict(new Batch(rows.ids(), segments), labels, known);
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
