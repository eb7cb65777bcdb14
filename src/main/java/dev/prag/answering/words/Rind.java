package dev.prag.answering.words;

import java.util.List;

/**
 * Real-time information needs detection (Su et al., DRAGIN, 2024): how much a word of a sentence is both uncertain and
 * leaned on by what follows.
 */
public final class Rind {
    private Rind() {}

    /**
     * The value of each word of a sentence: the mean entropy of its tokens, times its share of the sentence's attention,
     * times the number of words.
     *
     * @param words of the sentence
     * @param entropies in nats, of the distribution that each token was chosen from; the first is that of the sentence's
     *     first token
     * @param attention how much each token is looked at from those behind it
     */
    public static double[] values(List<Word> words, double[] entropies, double[] attention) {
        int origin = words.getFirst().from();
        double[] weights = new double[words.size()];
        double total = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = sum(words.get(i), attention, origin);
            total += weights[i];
        }
        double[] values = new double[weights.length];
        for (int i = 0; i < values.length; i++) {
            Word word = words.get(i);
            double entropy = sum(word, entropies, origin) / (word.to() - word.from());
            values[i] = total == 0 ? 0 : weights[i] / total * entropy * values.length;
        }
        return values;
    }

    /** The first content word whose value is above the threshold; -1 where none is. */
    public static int trigger(double[] values, boolean[] content, double theta) {
        for (int i = 0; i < values.length; i++) {
            if (content[i] && values[i] > theta) {
                return i;
            }
        }
        return -1;
    }

    private static double sum(Word word, double[] of, int origin) {
        double sum = 0;
        for (int at = word.from(); at < word.to(); at++) {
            sum += of[at - origin];
        }
        return sum;
    }
}
