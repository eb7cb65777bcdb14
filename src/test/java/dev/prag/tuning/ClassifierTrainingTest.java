package dev.prag.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.answering.AnswerService;
import dev.prag.answering.Complexity;
import dev.prag.answering.DemoCorpus;
import dev.prag.answering.QuestionClassifier;
import dev.prag.answering.TestClassifier;
import dev.prag.base.UserException;
import dev.prag.database.DatabaseResource;
import dev.prag.evaluation.Question;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ClassifierTrainingTest {
    private static final List<String> NAMES =
            List.of("Ona", "Bertil", "Cleo", "Dorte", "Emil", "Frida", "Gustav", "Hilda");

    @TempDir
    Path folder;

    @Inject
    DemoCorpus demo;

    @Inject
    AnswerService answers;

    @Inject
    ModelRuntime runtime;

    @Inject
    Recipes recipes;

    @AfterEach
    void leaveNothing() {
        demo.clear();
    }

    @Test
    void questionsAreLabelledByTheSimplestThatAnswersThemElseByTheirKind() {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        List<Question> questions = new ArrayList<>();
        questions.add(new Question(DemoCorpus.QUESTION, List.of("France"), "bridge", List.of()));
        for (String name : NAMES) {
            questions.add(
                    new Question("Where was " + name + " Lind born?", List.of("nowhere at all"), "single", List.of()));
            questions.add(new Question(
                    "Who was born first, " + name + " Lind or Per Storm?",
                    List.of("nobody at all"),
                    "compare",
                    List.of()));
        }
        QuestionClassifier classifier = TestClassifier.in(folder, runtime, recipes);
        ClassifierTraining training = new ClassifierTraining(answers, classifier, runtime, recipes);
        List<Integer> told = new ArrayList<>();
        ClassifierTraining.Outcome outcome = training.train(questions, "adapters", 6, (done, all) -> told.add(done));
        assertEquals(Map.of(Complexity.SINGLE, 9, Complexity.SEVERAL, 8), outcome.labels());
        assertEquals(16, outcome.byKind(), "its adapter answers the first one");
        assertEquals(17, told.getLast());
        assertEquals(4, outcome.heldOut());
        assertEquals(1, outcome.accuracy(), "it has learned to tell them apart: " + outcome);
        assertEquals(1, outcome.macroF1());
        assertEquals(1, outcome.words(), "their words tell them apart, too");
        assertEquals(0.5, outcome.majority());
        assertTrue(Files.exists(outcome.file()) && outcome.file().startsWith(folder));
    }

    @Test
    void whatCanNotBeTrainedOnIsRefused() {
        ClassifierTraining training =
                new ClassifierTraining(answers, TestClassifier.in(folder, runtime, recipes), runtime, recipes);
        List<Question> one = List.of(new Question("Who?", List.of("nobody"), "single", List.of()));
        List<Question> many = Collections.nCopies(10, one.getFirst());
        assertRefused(() -> training.train(one, "prompt", 3, (done, all) -> {}), "at least 10");
        assertRefused(() -> training.train(many, "magic", 3, (done, all) -> {}), "single+magic");
        assertRefused(() -> training.train(many, "prompt", 0, (done, all) -> {}), "epochs is 0");
    }

    private static void assertRefused(Runnable what, String word) {
        UserException e = assertThrows(UserException.class, what::run);
        assertTrue(e.getMessage().contains(word), e.getMessage());
    }
}
