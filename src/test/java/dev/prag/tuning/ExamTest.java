package dev.prag.tuning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.prag.corpus.PassageText;
import dev.prag.database.DatabaseResource;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.retrieval.Language;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Asking held-out questions as answers are made. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ExamTest {
    private static final String FILM =
            "The Anchor of Raeclaint is a film of 1957. It was produced in France and directed by Simon Trouqvist.";
    private static final String PERSON = "Simon Trouqvist was a Turkish film director, born in Queiford.";

    @Inject
    ModelRuntime runtime;

    @Inject
    Recipes recipes;

    private Exam exam(int context) {
        Recipe recipe = recipes.current();
        List<PassageText> passages = List.of(
                new PassageText("a", "a", 0, "The Anchor of Raeclaint", FILM),
                new PassageText("b", "b", 0, "Simon Trouqvist", PERSON));
        TuningSample sample = new TuningSample(
                passages,
                List.of(),
                List.of(
                        new HeldOut(
                                0,
                                "In which country was The Anchor of Raeclaint produced?",
                                "France",
                                HeldOut.Kind.UNSEEN),
                        new HeldOut(0, "Who directed The Anchor of Raeclaint?", "Simon Trouqvist", HeldOut.Kind.UNSEEN),
                        new HeldOut(1, "Where was Simon Trouqvist born?", "Queiford", HeldOut.Kind.UNSEEN)));
        return new Exam(
                runtime.languageModel(),
                runtime.engine(),
                recipe,
                context,
                sample,
                new SampleIndex(passages, Language.of("en")),
                () -> false);
    }

    @Test
    void aPassageWithoutAnAdapterStandsInThePromptOfAParametricAnswer() {
        Composing composing = Composing.parse("weights=mean,topK=2")
                .over(recipes.current().answering().composing("parametric"));
        try (Exam exam = exam(runtime.context())) {
            Exam.Answers plain = exam.ask(new Exam.Way(true, null), List.of(), 2);
            assertNotEquals(0, plain.mean(), "the demo model reads");
            Exam.Answers withheld = exam.ask(new Exam.Way(false, composing), Arrays.asList(null, null), 2);
            assertArrayEquals(plain.f1(), withheld.f1());
        }
    }

    @Test
    void passagesThatDoNotFitAreLeftOut() {
        try (Exam exam = exam(90)) {
            assertEquals(3, exam.ask(new Exam.Way(true, null), List.of(), 2).f1().length);
        }
    }
}
