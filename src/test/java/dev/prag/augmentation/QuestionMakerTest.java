package dev.prag.augmentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.Result;
import dev.prag.base.UserException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class QuestionMakerTest {
    private static final String TEXT = "The ferry Heron was built in 1921. It crosses the Mirror Lake in 25 minutes.";
    private static final Augmentable PASSAGE = new Augmentable(TEXT, "The ferry Heron", 0);
    private static final Pattern ASKED = Pattern.compile("Answer: (.*)\\nWrite the question");

    /** A word that stands for an answer, or another text, in small letters. */
    private static String word(Object text) {
        return Integer.toHexString(text.hashCode())
                .chars()
                .mapToObj(digit -> "" + (char) ('g' + Character.digit(digit, 16)))
                .collect(Collectors.joining());
    }

    /** Asks for an answer by what stands for it, and knows it with the passage before it. */
    private static String model(String prompt, Asking asking) {
        Matcher asked = ASKED.matcher(prompt);
        if (asked.find()) {
            return " Which is the Heron's " + word(asked.group(1)) + "?\nAnswer: x";
        }
        if (prompt.endsWith("Ask the same in other words.")) {
            String question = prompt.lines().skip(1).findFirst().orElseThrow();
            return " Tell me of " + word(asking.seed()) + " and so on: " + question.replaceAll(".* (\\w+)\\?", "$1")
                    + " of Heron?";
        }
        if (prompt.contains(TEXT)) {
            for (String answer : List.of("1921", "25 minutes", "Mirror Lake", "Heron")) {
                if (prompt.contains(word(answer))) {
                    return " " + answer + ".";
                }
            }
        }
        return " no idea";
    }

    private static AugmentationService service(BiFunction<String, Asking, String> model) {
        return new AugmentationService() {
            @Override
            public Result<String> rewrite(String prompt) {
                throw new AssertionError("no rewrite is asked for");
            }

            @Override
            public Result<String> pairs(String prompt) {
                throw new AssertionError("pairs are asked for one by one");
            }

            @Override
            public Result<String> line(String prompt) {
                return Result.<String>builder()
                        .content(model.apply(prompt, Asking.CURRENT.get()))
                        .finishReason(FinishReason.STOP)
                        .build();
            }
        };
    }

    private static AugmentationSettings settings(QuestionSettings questions) {
        return new AugmentationSettings(
                Prompts.of("instruct", null), List.of(), List.of(), 1, 1, 9, 9, 5, questions, null, null);
    }

    private static QuestionSettings questions(int perPassage, int paraphrases) {
        return new QuestionSettings(perPassage, null, null, null, null, null, null, paraphrases, 0, null, null);
    }

    private static Augmented make(BiFunction<String, Asking, String> model, QuestionSettings questions, int places) {
        AugmentationModel none = new AugmentationModel(null, null, "openai", "http://h/v1", "m", "secret key");
        return new Augmenter(service(model), none, places)
                .augment(List.of(PASSAGE), settings(questions), AugmentationListener.NONE, () -> false)
                .getFirst();
    }

    private static Set<String> answers(Augmented made) {
        Set<String> answers = new TreeSet<>();
        made.augmentation().pairs().forEach(pair -> answers.add(pair.answer()));
        return answers;
    }

    @Test
    void aPairForEachAnswerThatSurvivesTheRoundTrip() {
        Augmented made = make(QuestionMakerTest::model, questions(20, 0), 8);
        assertTrue(answers(made).containsAll(Set.of("1921", "25 minutes", "Mirror Lake")), answers(made)::toString);
        assertEquals(2, made.making().figures().get("sentences"));
        assertEquals(2, made.making().figures().get("covered"));
        assertEquals(made.augmentation().pairs().size(), made.making().figures().get("kept"));
        made.augmentation().pairs().forEach(pair -> assertTrue(TEXT.contains(pair.fullAnswer())));
    }

    @Test
    void itDoesNotDependOnHowManyAreAskedAtOnce() {
        Augmented alone = make(QuestionMakerTest::model, questions(2, 1), 1);
        assertEquals(alone, make(QuestionMakerTest::model, questions(2, 1), 32));
        assertEquals(2, alone.making().figures().get("kept"));
    }

    @Test
    void whatTheModelKnowsAnywayIsDropped() {
        Augmented made = make(
                (prompt, asking) -> prompt.contains(word("1921")) ? " 1921" : model(prompt, asking),
                questions(20, 0),
                8);
        assertTrue(!answers(made).contains("1921") && answers(made).contains("25 minutes"), answers(made)::toString);
        assertEquals(1, made.making().figures().get("dropped: " + QuestionChecks.KNOWN));
    }

    @Test
    void paraphrasesFollowThePairsAndNameTheirQuestion() {
        List<Pair> pairs = make(QuestionMakerTest::model, questions(2, 2), 8)
                .augmentation()
                .pairs();
        assertEquals(
                2, pairs.stream().filter(pair -> pair.paraphraseOf() == null).count());
        List<Pair> others = pairs.subList(2, pairs.size());
        for (Pair other : others) {
            Pair own = pairs.stream()
                    .filter(pair -> pair.question().equals(other.paraphraseOf()))
                    .findFirst()
                    .orElseThrow();
            assertEquals(own.answer(), other.answer());
        }
    }

    @Test
    void questionsThatAreThereAreSaidInOtherWords() {
        AugmentationModel none = new AugmentationModel(null, null, "openai", "http://h/v1", "m", "secret key");
        Augmenter augmenter = new Augmenter(service(QuestionMakerTest::model), none, 8);
        QuestionSettings once = questions(2, 0);
        List<Pair> pairs =
                make(QuestionMakerTest::model, once, 8).augmentation().pairs();
        List<List<Pair>> said =
                augmenter.paraphrase(List.of(PASSAGE, PASSAGE), List.of(pairs, List.of()), settings(once), () -> false);
        assertEquals(2, said.size());
        assertEquals(
                pairs.stream().map(Pair::question).toList(),
                said.getFirst().stream().map(Pair::paraphraseOf).toList());
        assertEquals(
                pairs.stream().map(Pair::answer).toList(),
                said.getFirst().stream().map(Pair::answer).toList());
        assertTrue(said.get(1).isEmpty());
    }

    @Test
    void aPassageWithoutPairsFailsWithTheReasons() {
        Augmented made = make((prompt, asking) -> "Olga built it", questions(2, 0), 8);
        assertTrue(made.failed());
        assertTrue(made.failure().contains("no question"), made.failure());
        assertTrue(made.rejected().contains("Olga built it"), made.rejected());
    }

    @Test
    void whatHeldItsAnswerIsAskedForAgainWithAGap() {
        Augmented made = make(
                (prompt, asking) -> {
                    if (prompt.contains("built in ___.\nAnswer: ___\n")) {
                        return " Which is the Heron's " + word("1921") + "?";
                    }
                    return prompt.contains("Answer: 1921") ? " Was the Heron built in 1921?" : model(prompt, asking);
                },
                questions(20, 0),
                8);
        assertTrue(answers(made).contains("1921"), answers(made)::toString);
        assertTrue(made.making().figures().get("dropped: " + QuestionChecks.HOLDS_ANSWER) > 0);
    }

    /** Asks for the ferry's years where it is told another answer of the first sentence. */
    private static String wandering(String prompt, Asking asking) {
        Matcher asked = ASKED.matcher(prompt);
        if (asked.find() && !asked.group(1).equals("1921") && prompt.contains("built in")) {
            return " Tell me what " + word("1921") + " means to all sailors of old lakes?";
        }
        return model(prompt, asking);
    }

    @Test
    void whatIsReadOtherwiseIsKeptWithWhatTheSentenceSays() {
        QuestionSettings strict = new QuestionSettings(9, null, null, null, null, null, null, 0, 0, null, null);
        Augmented without = make(QuestionMakerTest::wandering, strict, 8);
        assertTrue(without.making().figures().get("dropped: " + QuestionChecks.READ_OTHERWISE) > 0);
        QuestionSettings lenient = new QuestionSettings(9, null, null, null, null, true, null, 0, 0, null, null);
        Augmented with = make(QuestionMakerTest::wandering, lenient, 8);
        List<Pair> readings = with.augmentation().pairs().stream()
                .filter(pair -> "reading".equals(pair.kind()))
                .toList();
        assertEquals(List.of("1921"), readings.stream().map(Pair::answer).toList());
        // What was asked for there is asked for again, until the rounds are over.
        String topic = with.making().calls().stream()
                .filter(call -> call.wrote().strip().equals(readings.getFirst().question())
                        && call.outcome().equals("kept"))
                .map(Making.Call::of)
                .findFirst()
                .orElseThrow();
        assertEquals(
                3,
                with.making().calls().stream()
                        .filter(call -> call.of().equals(topic))
                        .count());
        assertTrue(!settings(strict).hash().equals(settings(lenient).hash()));
    }

    @Test
    void clozesNeedNoModelAndComeForSentencesWithoutAPair() {
        QuestionSettings questions = new QuestionSettings(1, null, null, null, null, null, null, 0, 2, null, null);
        List<Pair> pairs =
                make(QuestionMakerTest::model, questions, 8).augmentation().pairs();
        assertEquals(
                List.of("fact", "cloze", "cloze"),
                pairs.stream().map(Pair::kind).toList());
        assertEquals(
                "The ferry Heron: It crosses the Mirror Lake in how many minutes?",
                pairs.get(1).question());
        assertEquals("25 minutes", pairs.get(1).answer());
    }

    @Test
    void theWordingAndTheSettingsDecideTheHash() {
        String paper = new AugmentationSettings("instruct", List.of(), List.of(0d), 1, 1, 9, 9, 5).hash();
        assertTrue(!paper.equals(settings(questions(8, 0)).hash()));
        assertTrue(!settings(questions(8, 0))
                .hash()
                .equals(settings(questions(8, 1)).hash()));
        assertEquals(
                settings(questions(8, 0)).hash(),
                settings(new QuestionSettings(8, null, null, null, null, false, null, null, null, null, null))
                        .hash());
    }

    @Test
    void aPromptSetWithoutQuestionsIsRefused() {
        UserException e = assertThrows(
                UserException.class,
                () -> new AugmentationSettings(
                        Prompts.of("demo", null), List.of(), List.of(), 1, 1, 9, 9, 5, questions(8, 0), null, null));
        assertTrue(e.getMessage().contains("demo"), e.getMessage());
    }
}
