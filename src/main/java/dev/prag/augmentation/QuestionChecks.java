package dev.prag.augmentation;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a line is a question of use: what a model writes where one was asked for is often something else. */
final class QuestionChecks {
    static final String NO_QUESTION = "no question";
    static final String HOLDS_ANSWER = "holds its answer";
    static final String NOT_ALONE = "doesn't stand alone";
    static final String REPEATS = "asked before";
    static final String FOREIGN = "names what the passage doesn't";
    static final String READ_OTHERWISE = "read otherwise";
    static final String KNOWN = "known without the passage";
    static final String UNSUPPORTED = "answer not in the passage";
    static final String NO_GAIN = "passage makes it no likelier";

    /** Share of common words from which two questions are one. */
    private static final double SAME = 0.8;
    /** Share of an answer's words from which a question holds it. */
    private static final double GIVEN_AWAY = 0.6;

    private static final int LONGEST = 60;

    private static final Pattern LABEL = Pattern.compile(
            "\\A[\\s*_#\"“>-]*(?:(?:Question|Q|In other words|Answer|A)\\s*\\d*\\s*[:：]|\\d+[.)])[\\s*_\"“]*",
            Pattern.CASE_INSENSITIVE);
    /** Speaks of what lies before the model, which nobody else sees. */
    private static final Pattern THE_TEXT = Pattern.compile(
            "\\b(?:(?:the|this|that|above|given|provided|following)\\s+(?:given |provided |above |following )?(?:passage|text|sentence|paragraph|excerpt|title)"
                    + "|(?:this|the given|the above|the provided) (?:article|document|section|statement|question|answer|list|context|story)"
                    + "|according to (?:it|him|her|them)|(?:mentioned|described|stated|given|listed) (?:above|here|below))\\b",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern NAMELESS = Pattern.compile(
            "\\b(?:it|its|he|she|they|him|them|his|her|their|this|these|those)\\b", Pattern.CASE_INSENSITIVE);
    private static final String MARKS = "?？؟";
    private static final Set<String> EMPTY = Set.of(
            "name", "purpose", "main", "thing", "things", "called", "used", "mean", "means", "happen", "happens",
            "answer", "many", "much", "long", "type", "kind");

    private QuestionChecks() {}

    /** The question within what a model wrote: its first line, without a label, up to the question mark. */
    static String clean(String text) {
        String line = text.strip().lines().filter(l -> !l.isBlank()).findFirst().orElse("");
        Matcher label = LABEL.matcher(line);
        String rest = label.lookingAt() ? line.substring(label.end()) : line;
        int end = -1;
        for (int i = 0; i < rest.length(); i++) {
            end = MARKS.indexOf(rest.charAt(i)) >= 0 ? i : end;
        }
        String question = end < 0 ? rest : rest.substring(0, end + 1);
        return question.replaceAll("\\A[\\s*_\"“]+", "").replaceAll("\\s+", " ").strip();
    }

    /**
     * Why a question is no use; empty if it may be.
     *
     * @param answer that it is to have; empty if that isn't known yet
     * @param passage and its subject: what speaks of texts itself may be asked about them
     * @param others questions that were kept before
     */
    static Optional<String> fault(String question, String answer, String passage, Collection<String> others) {
        List<String> words = AnswerText.words(question);
        if (question.isEmpty() || MARKS.indexOf(question.charAt(question.length() - 1)) < 0 || words.size() > LONGEST) {
            return Optional.of(NO_QUESTION);
        }
        if (!answer.isEmpty() && holds(question, answer)) {
            return Optional.of(HOLDS_ANSWER);
        }
        Matcher text = THE_TEXT.matcher(question);
        if (text.find()
                && !passage.toLowerCase(Locale.ROOT).contains(text.group().toLowerCase(Locale.ROOT))) {
            return Optional.of(NOT_ALONE);
        }
        Set<String> content = AnswerText.content(question);
        content.removeAll(EMPTY);
        boolean named = names(question);
        if (content.isEmpty()
                || question.contains(Topic.GAP)
                || !named
                        && (content.size() < 2
                                || content.size() < 3
                                        && NAMELESS.matcher(question).find())) {
            return Optional.of(NOT_ALONE);
        }
        if (!ForeignWords.in(question, passage).isEmpty()) {
            return Optional.of(FOREIGN);
        }
        return others.stream().anyMatch(other -> same(question, other)) ? Optional.of(REPEATS) : Optional.empty();
    }

    /** Whether one who hears the question knows the answer. */
    static boolean holds(String question, String answer) {
        List<String> bare = AnswerText.bare(answer);
        return !bare.isEmpty() && AnswerText.isWithin(bare, AnswerText.bare(question))
                || AnswerText.content(answer).size() >= 2 && AnswerText.held(answer, question) >= GIVEN_AWAY;
    }

    /** Whether an answer is words of a sentence, one behind the other, and not most of it. */
    static boolean isQuoted(String answer, String sentence) {
        List<String> mine = AnswerText.bare(answer);
        List<String> all = AnswerText.bare(sentence);
        return !AnswerText.content(answer).isEmpty() && 2 * mine.size() <= all.size() && AnswerText.isWithin(mine, all);
    }

    static boolean same(String question, String other) {
        Set<String> mine = new HashSet<>(AnswerText.bare(question));
        Set<String> common = new HashSet<>(AnswerText.bare(other));
        Set<String> all = new HashSet<>(common);
        all.addAll(mine);
        common.retainAll(mine);
        return common.size() >= SAME * all.size();
    }

    /** Whether a word that doesn't begin it has a capital, or there is a number. */
    private static boolean names(String question) {
        String[] words = question.split(" ");
        for (int i = 1; i < words.length; i++) {
            String word = words[i].replaceAll("\\A[^\\p{L}\\p{N}]+", "");
            if (!word.isEmpty()
                    && !word.startsWith("I ")
                    && (Character.isUpperCase(word.codePointAt(0)) && word.length() > 1
                            || Character.isDigit(word.codePointAt(0)))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether the passage holds what an answer says: so much of its words, and all of its numbers.
     *
     * @param support share of its words
     */
    static boolean isSupported(String answer, String passage, double support) {
        Set<String> there = new HashSet<>(AnswerText.words(passage));
        return !AnswerText.content(answer).isEmpty()
                && AnswerText.words(answer).stream()
                        .filter(AnswerText::isNumber)
                        .allMatch(there::contains)
                && AnswerText.held(answer, passage) >= support;
    }
}
