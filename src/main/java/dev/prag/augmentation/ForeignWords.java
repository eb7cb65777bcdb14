package dev.prag.augmentation;

import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names, numbers and letters of a question that its passage doesn't have. Small models ask about the names of the worked
 * examples, make some up, or fall into another script; such a question teaches an adapter what isn't so.
 */
final class ForeignWords {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}\\p{N}]+(?:[.,:/][\\p{N}]+)*");
    /** What a sentence or a quotation begins with has its capital for another reason. */
    private static final String BEGINS = ".!?:;…“\"«‘([";
    /** Share of capitalised words within sentences from which they are no sign of names, as in German … */
    private static final double COMMON = 0.2;
    /** … unless so many of the words are English ones that are in every text. */
    private static final double ENGLISH = 0.25;
    /** Letters that the forms of a name have in common. */
    private static final int STEM = 4;

    private ForeignWords() {}

    /** Those words, in the question's order; those in a foreign script first. */
    static List<String> in(String question, String passage) {
        Set<String> there = new HashSet<>(AnswerText.words(passage));
        Set<UnicodeScript> scripts = scripts(passage);
        boolean names = isEnglish(passage) || capitalised(passage) < COMMON;
        List<String> foreign = new ArrayList<>();
        Matcher words = WORD.matcher(question);
        for (boolean first = true; words.find(); first = false) {
            String word = words.group();
            if (!scripts.containsAll(scripts(word))) {
                foreign.addFirst(word);
            } else if ((word.codePoints().anyMatch(Character::isDigit) || names && !first && isName(word))
                    && !AnswerText.words(word).stream().allMatch(part -> isThere(part, there))) {
                foreign.add(word);
            }
        }
        return foreign;
    }

    private static boolean isThere(String word, Set<String> there) {
        return there.contains(word)
                || !AnswerText.isNumber(word)
                        && word.length() >= STEM
                        && there.stream()
                                .anyMatch(other ->
                                        other.length() >= STEM && (other.startsWith(word) || word.startsWith(other)));
    }

    private static boolean isName(String word) {
        return word.length() > 1 && Character.isUpperCase(word.codePointAt(0)) && !AnswerText.isLittle(word);
    }

    private static boolean isEnglish(String text) {
        List<String> words = AnswerText.words(text);
        return words.stream().filter(AnswerText::isLittle).count() >= ENGLISH * words.size();
    }

    private static boolean begins(String text, int at) {
        int before = at - 1;
        while (before >= 0
                && !Character.isLetterOrDigit(text.charAt(before))
                && BEGINS.indexOf(text.charAt(before)) < 0) {
            before--;
        }
        return before < 0 || BEGINS.indexOf(text.charAt(before)) >= 0;
    }

    /** Share of the words within sentences that have a capital. */
    private static double capitalised(String text) {
        int within = 0;
        int capitals = 0;
        for (String line : text.lines().toList()) {
            Matcher words = WORD.matcher(line);
            while (words.find()) {
                if (!begins(line, words.start())) {
                    within++;
                    capitals += Character.isUpperCase(words.group().codePointAt(0)) ? 1 : 0;
                }
            }
        }
        return within == 0 ? 0 : (double) capitals / within;
    }

    private static Set<UnicodeScript> scripts(String text) {
        Set<UnicodeScript> scripts = EnumSet.noneOf(UnicodeScript.class);
        text.toLowerCase(Locale.ROOT)
                .codePoints()
                .filter(Character::isLetter)
                .mapToObj(UnicodeScript::of)
                .forEach(scripts::add);
        return scripts;
    }
}
