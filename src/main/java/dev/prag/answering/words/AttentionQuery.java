package dev.prag.answering.words;

import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Query formulation by self-attention (Su et al., DRAGIN, 2024). */
public final class AttentionQuery {
    private AttentionQuery() {}

    /**
     * The content words that are looked at most, in the order in which they stand.
     *
     * @param words before the one that the model wasn't sure of
     * @param content which of them carry meaning
     * @param attention how much the position before that one looks at a position
     * @param most words
     */
    public static String of(List<Word> words, boolean[] content, IntToDoubleFunction attention, int most) {
        double[] weights = new double[words.size()];
        for (int i = 0; i < weights.length; i++) {
            Word word = words.get(i);
            weights[i] = IntStream.range(word.from(), word.to())
                    .mapToDouble(attention)
                    .sum();
        }
        return IntStream.range(0, weights.length)
                .filter(i -> content[i])
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -weights[i]))
                .limit(most)
                .sorted()
                .map(i -> words.get(i).bare())
                .collect(Collectors.joining(" "));
    }
}
