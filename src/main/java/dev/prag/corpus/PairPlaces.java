package dev.prag.corpus;

import dev.prag.documents.GivenPair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Which passage of a document supports a pair best: the one that holds most of its words, a word counting more the fewer
 * passages have it, and those of the answer twice as much. Of equally good ones the first.
 */
final class PairPlaces {
    private static final Pattern WORD = Pattern.compile("\\p{N}+(?:[.,:]\\p{N}+)*|[\\p{L}\\p{M}]+");

    private final List<Set<String>> passages = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();
    private final Map<String, Integer> frequency = new HashMap<>();

    /** @param passages in their order, at least one */
    PairPlaces(List<String> passages) {
        for (String text : passages) {
            Set<String> words = new HashSet<>(words(text));
            this.passages.add(words);
            texts.add(" " + String.join(" ", words(text)) + " ");
            words.forEach(word -> frequency.merge(word, 1, Integer::sum));
        }
    }

    /** Index of the passage. */
    int best(GivenPair pair) {
        int best = 0;
        double most = -1;
        String answer = " " + String.join(" ", words(pair.answer())) + " ";
        for (int i = 0; i < passages.size(); i++) {
            double score = 2 * held(pair.answer(), i)
                    + held(pair.question() + " " + pair.sentence(), i)
                    + (texts.get(i).contains(answer) ? 1 : 0);
            if (score > most) {
                most = score;
                best = i;
            }
        }
        return best;
    }

    /** Share of the weight of the text's words that the passage holds. */
    private double held(String text, int passage) {
        double all = 0;
        double held = 0;
        for (String word : new HashSet<>(words(text))) {
            double weight = Math.log(1 + (passages.size() + 1.0) / (1 + frequency.getOrDefault(word, 0)));
            all += weight;
            held += passages.get(passage).contains(word) ? weight : 0;
        }
        return all == 0 ? 0 : held / all;
    }

    private static List<String> words(String text) {
        return WORD.matcher(text.toLowerCase(Locale.ROOT))
                .results()
                .map(MatchResult::group)
                .toList();
    }
}
