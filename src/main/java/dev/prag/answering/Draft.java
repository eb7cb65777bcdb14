package dev.prag.answering;

import dev.prag.documents.SentenceEnds;
import dev.prag.generation.Finish;
import dev.prag.generation.Scorer;
import java.util.List;

/**
 * A piece of text that the model wrote and that may be dropped again, or a part of it.
 *
 * @param text all of it
 * @param asked how many tokens it could have had
 */
record Draft(List<Token> tokens, String text, Finish finish, int asked) {
    /**
     * A token.
     *
     * @param text what became certain with it; pieces never end within a character
     * @param logprob natural log-probability, before temperature
     * @param top the most probable tokens at its place; null where none were asked for
     */
    record Token(int id, String text, float logprob, Scorer.Top top) {
        double probability() {
            return Math.exp(logprob);
        }
    }

    int size() {
        return tokens.size();
    }

    /** Where the text of the first so many tokens ends. */
    int end(int count) {
        if (count == size()) {
            return text.length();
        }
        int end = 0;
        for (int i = 0; i < count; i++) {
            end += tokens.get(i).text().length();
        }
        return Math.min(end, text.length());
    }

    /** How many tokens it takes to reach a place in the text. */
    int reaching(int place) {
        int count = 0;
        int end = 0;
        while (count < size() && end < place) {
            end += tokens.get(count++).text().length();
        }
        return count;
    }

    /** How many tokens its first sentence has; all where it has no whole one. */
    int firstSentence() {
        int[] ends = SentenceEnds.of(text);
        return ends.length == 0 ? size() : reaching(ends[0]);
    }

    /** How many tokens there are up to the end of each sentence; what is no whole sentence at the end counts as one. */
    int[] sentences() {
        int[] ends = SentenceEnds.of(text);
        int whole = ends.length;
        boolean rest = whole == 0 || reaching(ends[whole - 1]) < size();
        int[] counts = new int[whole + (rest ? 1 : 0)];
        for (int i = 0; i < whole; i++) {
            counts[i] = reaching(ends[i]);
        }
        if (rest) {
            counts[whole] = size();
        }
        return counts;
    }

    /** Texts of the tokens between two places. */
    List<String> pieces(int from, int to) {
        return tokens.subList(from, to).stream().map(Token::text).toList();
    }

    /** Probabilities of the tokens between two places. */
    double[] probabilities(int from, int to) {
        return tokens.subList(from, to).stream().mapToDouble(Token::probability).toArray();
    }

    /** The text of the tokens between two places. */
    String text(int from, int to) {
        return text.substring(end(from), end(to));
    }

    /** The mean log-probability of its tokens; 0 where it has none. */
    double confidence() {
        return tokens.stream().mapToDouble(Token::logprob).average().orElse(0);
    }
}
