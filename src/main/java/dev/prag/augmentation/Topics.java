package dev.prag.augmentation;

import dev.prag.documents.PassageSentences;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What a passage can be asked for, in the order in which it is asked: every sentence before any comes again. */
final class Topics {
    /** Sentences that give a reason or a condition. */
    private static final Pattern REASON = Pattern.compile(
            "\\b(?:because|so that|since|due to|in order to|therefore|thus|hence|otherwise|to avoid|to prevent|reason|as a result|"
                    + "causes?|damages?|destroys?|too|weil|damit|denn|car|parce que|porque)\\b",
            Pattern.CASE_INSENSITIVE);
    /** Words from which a sentence says enough to be asked about. */
    private static final int ENOUGH = 4;

    private Topics() {}

    /** The sentences of a passage about which something can be asked. */
    static List<String> sentences(String passage) {
        return PassageSentences.of(passage).stream()
                .filter(sentence -> AnswerText.words(sentence).size() >= ENOUGH)
                .toList();
    }

    /** Half of the topics at least are facts, as long as there are any. */
    static List<Topic> of(Augmentable passage, List<QuestionKind> kinds) {
        List<String> sentences = sentences(passage.text());
        Map<Integer, List<String>> spans = new TreeMap<>();
        for (int i = 0; i < sentences.size(); i++) {
            spans.put(i, AnswerSpans.of(sentences.get(i), passage.subject()));
        }
        List<Topic> facts = kinds.contains(QuestionKind.FACT) ? facts(sentences, spans) : List.of();
        List<List<Topic>> others = new ArrayList<>();
        for (QuestionKind kind : kinds) {
            if (kind != QuestionKind.FACT) {
                others.add(
                        kind.isOfSentence() ? ofSentences(kind, sentences, spans) : List.of(new Topic(kind, "", "")));
            }
        }
        return turns(List.of(facts, turns(others)));
    }

    private static List<Topic> facts(List<String> sentences, Map<Integer, List<String>> spans) {
        List<List<Topic>> bySentence = new ArrayList<>();
        spans.forEach((sentence, answers) -> bySentence.add(answers.stream()
                .map(answer -> new Topic(QuestionKind.FACT, sentences.get(sentence), answer))
                .toList()));
        return turns(bySentence);
    }

    /** Those first of which facts ask least. */
    private static List<Topic> ofSentences(
            QuestionKind kind, List<String> sentences, Map<Integer, List<String>> spans) {
        return spans.entrySet().stream()
                .sorted(Comparator.comparingInt(entry -> entry.getValue().size()))
                .map(entry -> sentences.get(entry.getKey()))
                .filter(sentence ->
                        kind != QuestionKind.WHY || REASON.matcher(sentence).find())
                .map(sentence -> new Topic(kind, sentence, ""))
                .toList();
    }

    /** The first of each list, then the second of each, and so on. */
    private static <T> List<T> turns(List<List<T>> lists) {
        List<T> all = new ArrayList<>();
        int longest = lists.stream().mapToInt(List::size).max().orElse(0);
        for (int i = 0; i < longest; i++) {
            for (List<T> list : lists) {
                if (i < list.size()) {
                    all.add(list.get(i));
                }
            }
        }
        return all;
    }
}
