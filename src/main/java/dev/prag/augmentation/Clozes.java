package dev.prag.augmentation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Questions that need no model: a sentence with a word that asks in the place of a piece of it, behind the subject. They
 * read oddly, nothing checks them, and every sentence that has an answer has one.
 */
final class Clozes {
    static final String KIND = "cloze";

    private static final Pattern YEAR = Pattern.compile("[12]\\p{N}{3}");
    private static final Pattern END = Pattern.compile("[.!;:\\s]+\\z");

    private Clozes() {}

    /** At most so many: of answers that no pair has, and of sentences without a pair first. */
    static List<Pair> of(List<Topic> facts, String subject, List<Pair> pairs, int most) {
        Set<String> answers = new HashSet<>();
        Set<String> sentences = new HashSet<>();
        for (Pair pair : pairs) {
            answers.add(pair.answer());
            sentences.add(pair.fullAnswer());
        }
        List<Topic> order = new ArrayList<>();
        facts.stream().filter(topic -> !sentences.contains(topic.sentence())).forEach(order::add);
        facts.stream().filter(topic -> sentences.contains(topic.sentence())).forEach(order::add);
        return order.stream()
                .filter(topic -> !answers.contains(topic.answer()))
                .limit(most)
                .map(topic -> new Pair(question(topic, subject), topic.answer(), topic.sentence(), KIND, null))
                .toList();
    }

    private static String question(Topic topic, String subject) {
        int at = topic.sentence().indexOf(topic.answer());
        String asked = topic.sentence().substring(0, at)
                + word(topic.answer())
                + topic.sentence().substring(at + topic.answer().length());
        String plain = END.matcher(asked).replaceAll("");
        return (subject.isBlank() ? "" : subject + ": ") + plain + "?";
    }

    private static String word(String answer) {
        String[] words = answer.split(" ");
        List<String> first = AnswerText.words(words[0]);
        if (YEAR.matcher(answer).matches()) {
            return "which year";
        }
        if (!first.isEmpty() && AnswerText.isNumber(first.getFirst())) {
            return words.length > 1 && words[1].chars().allMatch(Character::isLetter)
                    ? "how many " + answer.substring(words[0].length() + 1)
                    : "which number";
        }
        return words.length > 1 && Character.isUpperCase(answer.codePointAt(0)) ? "who or what" : "what";
    }
}
