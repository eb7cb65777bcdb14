package dev.prag.augmentation;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Words of answers and passages, compared without case, marks and articles. */
final class AnswerText {
    /** Letters and digits; a number keeps the marks inside it. */
    private static final Pattern WORD =
            Pattern.compile("\\p{N}+(?:[.,:/]\\p{N}+)*\\p{L}*|[\\p{L}\\p{M}]+\\p{N}*", Pattern.UNICODE_CHARACTER_CLASS);

    private static final Set<String> ARTICLES = Set.of(
            "a", "an", "the", "der", "die", "das", "ein", "eine", "le", "la", "les", "un", "une", "el", "los", "las",
            "il", "lo", "de", "het", "een");
    /** Words that say little by themselves, of English: others than these must be in the passage. */
    private static final Set<String> LITTLE = Set.of(
            ("a an the and or but nor so yet of in on at by to for from with as into than that this these those which who whom"
                            + " whose what when where why how it its he she they them his her their we you your our i me"
                            + " my is are was were be been being am do does did done has have had having will would can"
                            + " could may might must shall should not no any all some each every both either neither"
                            + " there here then also only just very more most less least if because while during about"
                            + " after before until up down out over under between through per s t")
                    .split(" "));

    private AnswerText() {}

    /** What an answer may say around the one that is wanted. */
    private static final int WORDS_ABOUT = 5;

    private static final List<String> SMALL =
            List.of(("zero one two three four five six seven eight nine ten eleven twelve thirteen"
                            + " fourteen fifteen sixteen seventeen eighteen nineteen")
                    .split(" "));
    private static final List<String> TENS =
            List.of("twenty thirty forty fifty sixty seventy eighty ninety".split(" "));
    private static final Pattern COMPOUND = Pattern.compile(
            "\\b(" + String.join("|", TENS) + ")[- ](" + String.join("|", SMALL.subList(1, 10)) + ")\\b");

    /** All words, in lower case; English numbers up to 99 as digits, as models write them. */
    static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        String plain = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
        String digits =
                COMPOUND.matcher(plain).replaceAll(match -> "" + (number(match.group(1)) + number(match.group(2))));
        WORD.matcher(digits).results().map(MatchResult::group).forEach(word -> {
            int number = number(word);
            words.add(number < 0 ? word : "" + number);
        });
        return words;
    }

    private static int number(String word) {
        int tens = TENS.indexOf(word);
        return tens >= 0 ? 20 + 10 * tens : SMALL.indexOf(word);
    }

    /** The words without articles. */
    static List<String> bare(String text) {
        List<String> words = words(text);
        words.removeAll(ARTICLES);
        return words;
    }

    /** The words that say something. */
    static Set<String> content(String text) {
        Set<String> words = new HashSet<>(words(text));
        words.removeAll(LITTLE);
        return words;
    }

    static boolean isLittle(String word) {
        return LITTLE.contains(word.toLowerCase(Locale.ROOT));
    }

    static boolean isNumber(String word) {
        return Character.isDigit(word.codePointAt(0));
    }

    /** Whether two answers say the same: their token F1 reaches a bound, or one holds the other, numbers and all. */
    static boolean alike(String given, String wanted, double agreement) {
        List<String> mine = bare(given);
        List<String> theirs = bare(wanted);
        if (mine.isEmpty() || theirs.isEmpty()) {
            return false;
        }
        boolean numbers =
                mine.containsAll(theirs.stream().filter(AnswerText::isNumber).toList());
        boolean holds = isWithin(theirs, mine) && mine.size() <= 2 * theirs.size() + WORDS_ABOUT
                || isWithin(mine, theirs) && 2 * mine.size() >= theirs.size();
        return numbers && (holds || f1(mine, theirs) >= agreement);
    }

    /** Whether the words stand in the others one behind the other. */
    static boolean isWithin(List<String> some, List<String> all) {
        return Collections.indexOfSubList(all, some) >= 0;
    }

    private static double f1(List<String> mine, List<String> theirs) {
        Map<String, Integer> left = new HashMap<>();
        theirs.forEach(word -> left.merge(word, 1, Integer::sum));
        int common = 0;
        for (String word : mine) {
            if (left.merge(word, -1, Integer::sum) >= 0) {
                common++;
            }
        }
        return 2.0 * common / (mine.size() + theirs.size());
    }

    /** Share of the words of the first text that say something which the second holds, too; 1 if there are none. */
    static double held(String text, String by) {
        Set<String> words = content(text);
        int all = words.size();
        words.retainAll(new HashSet<>(words(by)));
        return all == 0 ? 1 : (double) words.size() / all;
    }
}
