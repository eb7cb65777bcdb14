package dev.prag.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.text.Normalizer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScoreTest {
    @Test
    void caseArticlesPunctuationAndSpacesDoNotCount() {
        assertEquals(new Score(1, 1, 1, 1), Score.of("  The Long  Stair. ", "long stair"));
        assertEquals(new Score(1, 1, 1, 1), Score.of("U.S.", "us"));
        assertEquals(List.of("anthem"), Score.tokens("An anthem"), "articles are whole words only");
    }

    @Test
    void overlapCountsTokensWithTheirNumber() {
        Score score = Score.of("26 April 1964 April", "26 April 1964 in Queiford");
        assertEquals(0, score.exactMatch());
        assertEquals(3.0 / 4, score.precision(), 1e-12);
        assertEquals(3.0 / 5, score.recall(), 1e-12);
        assertEquals(2 * 0.75 * 0.6 / 1.35, score.f1(), 1e-12);
    }

    @Test
    void nothingInCommonIsZero() {
        assertEquals(Score.ZERO, Score.of("yes", "no"));
        assertEquals(Score.ZERO, Score.of("", "no"));
        assertEquals(new Score(1, 1, 1, 1), Score.of("the", ""), "an article alone is empty");
    }

    @Test
    void theBestAliasCounts() {
        assertEquals(1, Score.best("NYC", List.of("New York City", "nyc")).exactMatch());
        assertEquals(
                2.0 / 3,
                Score.best("New York", List.of("Paris", "New York City")).recall(),
                1e-12);
    }

    @Test
    void decomposedLettersAreTheSameLetters() {
        String composed = "Zoë Čapková";
        String decomposed = Normalizer.normalize(composed, Normalizer.Form.NFD);
        assertEquals(1, Score.of(decomposed, composed).exactMatch());
        assertEquals(1, Score.of(composed, decomposed).f1());
    }

    @Test
    void anAnswerIsPresentWhereItsWordsStandTogether() {
        assertEquals(true, Score.holdsAny("It was the Long Stair, I think.", List.of("Nobody", "a long stair")));
        assertEquals(false, Score.holdsAny("nothing", List.of("no", "The")), "no part of a word, and no article alone");
        assertEquals(false, Score.holdsAny("long wooden stair", List.of("long stair")));
    }

    @Test
    void calibrationIsTheDistanceOfConfidenceAndAccuracyInEachBin() {
        assertEquals(0, Calibration.error(List.of()));
        List<Calibration.Sure> answers = List.of(
                new Calibration.Sure(0.95, 1),
                new Calibration.Sure(0.91, 0),
                new Calibration.Sure(0.15, 0),
                Calibration.Sure.of(0, 1));
        assertEquals((0.86 + 0.15) / 4, Calibration.error(answers), 1e-12);
    }
}
