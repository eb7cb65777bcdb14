package dev.prag.augmentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class QuestionChecksTest {
    private static final String PASSAGE = "The Heron is a boat. It was built in 1921 by Olga Brandt.";

    private static Optional<String> fault(String question, String answer, String... others) {
        return QuestionChecks.fault(question, answer, PASSAGE, List.of(others));
    }

    @Test
    void theQuestionIsTakenOutOfItsLine() {
        assertEquals("Who built the Heron?", QuestionChecks.clean("Question: \"Who built the Heron?\"\nAnswer: Olga"));
        assertEquals("Who built the Heron?", QuestionChecks.clean("\n1. Who built the Heron? Olga Brandt."));
        assertEquals("She built it", QuestionChecks.clean("She built it"));
    }

    @Test
    void whatIsNoUseIsSaid() {
        assertEquals(Optional.empty(), fault("Who built the Heron?", "Olga Brandt"));
        assertEquals(Optional.of(QuestionChecks.NO_QUESTION), fault("Olga built the Heron.", "1921"));
        assertEquals(Optional.of(QuestionChecks.HOLDS_ANSWER), fault("Was the Heron built in 1921?", "1921"));
        assertEquals(
                Optional.of(QuestionChecks.HOLDS_ANSWER),
                fault("Did Olga of the Brandt yard build it?", "Olga Brandt"));
        assertEquals(
                Optional.of(QuestionChecks.NOT_ALONE), fault("Who built the Heron according to the passage?", "Olga"));
        assertEquals(Optional.of(QuestionChecks.NOT_ALONE), fault("When was it built?", "1921"));
        assertEquals(Optional.of(QuestionChecks.NOT_ALONE), fault("What is the name?", "Heron"));
        assertEquals(
                Optional.of(QuestionChecks.NOT_ALONE), fault("Was the Heron built by ___ in 1921?", "Olga Brandt"));
        assertEquals(
                Optional.of(QuestionChecks.REPEATS),
                fault("By whom was the boat Heron built?", "Olga Brandt", "By whom was the Heron boat built?"));
    }

    @Test
    void aPassageAboutTextsMayBeAskedAboutThem() {
        assertEquals(
                Optional.empty(),
                QuestionChecks.fault(
                        "Who translated the text of Beowulf?",
                        "Ann",
                        "Ann wrote the text of Beowulf anew.",
                        List.of()));
    }

    @Test
    void aQuestionNamesNothingThatItsPassageDoesnt() {
        assertEquals(Optional.of(QuestionChecks.FOREIGN), fault("Who built the Heron for Olive Tern?", "Olga Brandt"));
        assertEquals(Optional.of(QuestionChecks.FOREIGN), fault("Who built the boat Heron 3?", "Olga Brandt"));
        assertEquals(Optional.of(QuestionChecks.FOREIGN), fault("Who built the Heron at the 公司?", "Olga Brandt"));
        assertEquals(Optional.empty(), fault("In which year did the Brandts build the Heron?", "1921"));
        assertEquals(Optional.empty(), fault("Which one of the boats did Olga Brandt build?", "The Heron"));
        String german = "Die Stadt Ulm hat ein Rathaus mit Uhr. Der Turm der Kirche ist der höchste im Land.";
        assertEquals(
                Optional.empty(),
                QuestionChecks.fault("Was zeigt das Rathaus von Ulm als Uhrzeit?", "", german, List.of()));
        String greek = "Η Αθήνα είναι η πρωτεύουσα της Ελλάδας.";
        assertEquals(
                Optional.empty(), QuestionChecks.fault("Ποια είναι η πρωτεύουσα της Ελλάδας;?", "", greek, List.of()));
    }

    @Test
    void anAnswerIsSupportedByWordsAndEveryNumber() {
        assertTrue(QuestionChecks.isSupported("It was built in 1921", PASSAGE, 0.7));
        assertFalse(QuestionChecks.isSupported("It was built in 1922", PASSAGE, 0.7));
        assertFalse(QuestionChecks.isSupported("A steel bridge over water", PASSAGE, 0.7));
        assertFalse(QuestionChecks.isSupported("", PASSAGE, 0));
    }

    @Test
    void aReadingIsWordsOfTheSentenceAndNotMostOfIt() {
        String sentence = "She carries forty-six cars and 390 passengers over the Mirror Lake.";
        assertTrue(QuestionChecks.isQuoted("46 cars.", sentence));
        assertTrue(QuestionChecks.isQuoted("the Mirror Lake", sentence));
        assertFalse(QuestionChecks.isQuoted("46 passengers", sentence), "words from two places");
        assertFalse(QuestionChecks.isQuoted("46 cars in all", sentence));
        assertFalse(QuestionChecks.isQuoted("carries 46 cars and 390 passengers over the Mirror Lake", sentence));
        assertFalse(QuestionChecks.isQuoted("the", sentence));
        assertFalse(QuestionChecks.isQuoted("", sentence));
    }

    @Test
    void answersAreAlikeWithoutArticlesAndWithinEachOther() {
        assertTrue(AnswerText.alike("The Tidepool portal.", "Tidepool portal", 1));
        assertTrue(AnswerText.alike("It takes 25 minutes", "25 minutes", 1));
        assertFalse(AnswerText.alike("It takes 20 minutes", "25 minutes", 0.3));
        assertTrue(AnswerText.alike("silicone grease", "only silicone grease", 1));
        assertFalse(AnswerText.alike("grease", "silicone grease only on rings", 1));
        assertTrue(AnswerText.alike("24 minutes", "twenty-four minutes", 1));
        assertTrue(AnswerText.alike("fifteen minutes", "15 minutes", 1));
        assertFalse(AnswerText.alike("", "1921", 0));
    }

    @Test
    void aRewriteKeepsFactsAndIsNoCopy() {
        CheckSettings checks = CheckSettings.DEFAULT;
        String other = "Built by Olga Brandt in 1921, the boat is called Heron.";
        assertEquals(Optional.empty(), RewriteChecks.fault(other, PASSAGE, checks));
        assertTrue(RewriteChecks.fault("Olga Brandt built the boat Heron.", PASSAGE, checks)
                .get()
                .contains("1921"));
        assertTrue(RewriteChecks.fault("In 1921 a boat was built, Heron.", PASSAGE, checks)
                .get()
                .contains("name"));
        assertTrue(
                RewriteChecks.fault(PASSAGE + " Indeed.", PASSAGE, checks).get().contains("copy"));
    }
}
