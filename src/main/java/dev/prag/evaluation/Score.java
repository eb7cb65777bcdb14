package dev.prag.evaluation;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How well a prediction matches an answer: exact match and token overlap after the normalisation of SQuAD (Rajpurkar et
 * al., 2016): lower case, no ASCII punctuation, no articles, single spaces; letters are composed before (NFC), so that
 * equal words are equal. Each is in [0, 1].
 */
public record Score(double exactMatch, double f1, double precision, double recall) {
    /** Nothing matches. */
    public static final Score ZERO = new Score(0, 0, 0, 0);

    private static final Pattern PUNCTUATION = Pattern.compile("\\p{Punct}");
    private static final Pattern ARTICLES = Pattern.compile("\\b(a|an|the)\\b", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern SPACES = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    /** The best over the accepted answers, by F1 and then by exact match. */
    public static Score best(String prediction, List<String> answers) {
        Score best = ZERO;
        for (String answer : answers) {
            Score score = of(prediction, answer);
            if (score.f1 > best.f1 || (score.f1 == best.f1 && score.exactMatch > best.exactMatch)) {
                best = score;
            }
        }
        return best;
    }

    /** Against one answer. */
    public static Score of(String prediction, String answer) {
        List<String> predicted = tokens(prediction);
        List<String> expected = tokens(answer);
        double exact = predicted.equals(expected) ? 1 : 0;
        if (predicted.isEmpty() || expected.isEmpty()) {
            return new Score(exact, exact, exact, exact);
        }
        Map<String, Integer> counts = new HashMap<>();
        expected.forEach(token -> counts.merge(token, 1, Integer::sum));
        int common = 0;
        for (String token : predicted) {
            int left = counts.getOrDefault(token, 0);
            if (left > 0) {
                counts.put(token, left - 1);
                common++;
            }
        }
        if (common == 0) {
            return ZERO;
        }
        double precision = (double) common / predicted.size();
        double recall = (double) common / expected.size();
        return new Score(exact, 2 * precision * recall / (precision + recall), precision, recall);
    }

    /** Whether an accepted answer stands in the text, word for word after the normalisation. */
    public static boolean holdsAny(String text, List<String> answers) {
        List<String> words = tokens(text);
        return answers.stream()
                .map(Score::tokens)
                .anyMatch(answer -> !answer.isEmpty() && Collections.indexOfSubList(words, answer) >= 0);
    }

    /** The text in Unicode's form NFC: the same letters are the same characters. */
    static String composed(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC);
    }

    static List<String> tokens(String text) {
        String plain =
                PUNCTUATION.matcher(composed(text).toLowerCase(Locale.ROOT)).replaceAll("");
        String[] parts = SPACES.split(ARTICLES.matcher(plain).replaceAll(" ").strip());
        List<String> tokens = new ArrayList<>(parts.length);
        for (String part : parts) {
            if (!part.isEmpty()) {
                tokens.add(part);
            }
        }
        return tokens;
    }
}
