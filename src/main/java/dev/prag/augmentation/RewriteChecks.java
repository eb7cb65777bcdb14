package dev.prag.augmentation;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Whether a rewrite says what the passage says, and in other words: small models lose facts, or copy. */
final class RewriteChecks {
    /** A capitalised word that doesn't begin a sentence, or one with digits or several capitals. */
    private static final Pattern NAME = Pattern.compile("(?<=[\\p{L}\\p{N},;:)] )\\p{Lu}[\\p{L}\\p{M}\\p{N}’'-]+");

    private RewriteChecks() {}

    /** Why it isn't, for people; empty if it is. */
    static Optional<String> fault(String rewrite, String passage, CheckSettings checks) {
        List<String> words = AnswerText.words(rewrite);
        Set<String> there = new HashSet<>(words);
        List<String> of = AnswerText.words(passage);
        Optional<String> number = of.stream()
                .filter(AnswerText::isNumber)
                .filter(word -> !there.contains(word))
                .findFirst();
        if (number.isPresent()) {
            return Optional.of("it lacks the number " + number.get());
        }
        String lower = rewrite.toLowerCase(Locale.ROOT);
        Optional<String> name = NAME.matcher(passage)
                .results()
                .map(match -> match.group())
                .filter(word -> !lower.contains(word.toLowerCase(Locale.ROOT)))
                .findFirst();
        if (name.isPresent()) {
            return Optional.of("it lacks the name " + name.get());
        }
        if (AnswerText.held(passage, rewrite) < checks.rewriteKeeps()) {
            return Optional.of("it lacks much of what the passage says");
        }
        return longestRun(words, of) > checks.longestCopy() * of.size()
                ? Optional.of("it is a copy in great part")
                : Optional.empty();
    }

    /** Length of the longest run of words that both have. */
    private static int longestRun(List<String> one, List<String> other) {
        int longest = 0;
        int[] before = new int[other.size() + 1];
        for (String word : one) {
            int[] now = new int[other.size() + 1];
            for (int j = 1; j <= other.size(); j++) {
                if (word.equals(other.get(j - 1))) {
                    now[j] = before[j - 1] + 1;
                    longest = Math.max(longest, now[j]);
                }
            }
            before = now;
        }
        return longest;
    }
}
