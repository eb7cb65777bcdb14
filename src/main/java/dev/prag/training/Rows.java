package dev.prag.training;

import dev.prag.llm.Backpropagation;
import java.util.Arrays;

/** Collects the rows of a batch, and what they are to predict. */
final class Rows {
    private int[] ids = new int[256];
    private int count;
    private int[] labelRows = new int[256];
    private int[] labels = new int[256];
    private float[] labelScales = new float[256];
    private int labelCount;
    private int known = 1;
    private int[] softRows = new int[0];
    private int[] softIds = new int[0];
    private float[] probabilities = new float[0];
    private float[] softScales = new float[0];
    private int softCount;

    /** Rows so far. */
    int count() {
        return count;
    }

    /** Labelled rows so far. */
    int labelCount() {
        return labelCount;
    }

    /** Rows with a distribution so far. */
    int softCount() {
        return softCount;
    }

    void addSequence(int[] sequence) {
        ids = room(ids, count + sequence.length);
        System.arraycopy(sequence, 0, ids, count, sequence.length);
        count += sequence.length;
    }

    void label(int row, int label, float scale) {
        labelRows = room(labelRows, labelCount + 1);
        labels = room(labels, labelCount + 1);
        labelScales = room(labelScales, labelCount + 1);
        labelRows[labelCount] = row;
        labels[labelCount] = label;
        labelScales[labelCount++] = scale;
    }

    /** A row that is to predict the distribution of a token; all of a batch know equally many probabilities. */
    void distribution(int row, Foresight foresight, int token, float scale) {
        known = foresight.known();
        softRows = room(softRows, softCount + 1);
        softScales = room(softScales, softCount + 1);
        softIds = room(softIds, (softCount + 1) * known);
        probabilities = room(probabilities, (softCount + 1) * known);
        softRows[softCount] = row;
        softScales[softCount] = scale;
        System.arraycopy(foresight.ids(), token * known, softIds, softCount * known, known);
        System.arraycopy(foresight.probabilities(), token * known, probabilities, softCount * known, known);
        softCount++;
    }

    int[] ids() {
        return Arrays.copyOf(ids, count);
    }

    Backpropagation.Labels labels() {
        return new Backpropagation.Labels(
                Arrays.copyOf(labelRows, labelCount),
                Arrays.copyOf(labels, labelCount),
                Arrays.copyOf(labelScales, labelCount));
    }

    Backpropagation.Distributions distributions() {
        return new Backpropagation.Distributions(
                Arrays.copyOf(softRows, softCount),
                known,
                Arrays.copyOf(softIds, softCount * known),
                Arrays.copyOf(probabilities, softCount * known),
                Arrays.copyOf(softScales, softCount));
    }

    private static int[] room(int[] array, int length) {
        return length <= array.length ? array : Arrays.copyOf(array, Math.max(length, 2 * array.length));
    }

    private static float[] room(float[] array, int length) {
        return length <= array.length ? array : Arrays.copyOf(array, Math.max(length, 2 * array.length));
    }
}
