package dev.prag.answering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.database.DatabaseResource;
import dev.prag.parameterization.Recipes;
import dev.prag.parameterization.WeightRule;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class AnswerServiceTest {
    private static final String UNHEARD_OF = "Wherefore qwertzuiop?";

    @Inject
    DemoCorpus demo;

    @Inject
    AnswerService answers;

    @Inject
    ModelRuntime runtime;

    @Inject
    Recipes recipes;

    @BeforeEach
    void oneEncodedPassageAndOneThatIsNot() {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        demo.ingest(DemoCorpus.STAIR);
    }

    @AfterEach
    void leaveNothing() {
        demo.clear();
        assertEquals(0, runtime.adapters().inUse());
    }

    @Test
    void weightsAreOverAllThatWasRetrieved() {
        assertEquals(1, weight("sum"));
        assertEquals(0.5, weight("mean"), "of two passages, though only one has its adapter");
        List<Retrieved> found = answers.find(DemoCorpus.QUESTION, 3);
        assertEquals(2, found.size());
        double[] scores = found.stream().mapToDouble(Retrieved::score).toArray();
        double temperature = recipes.current().answering().scoreTemperature();
        assertEquals(WeightRule.SCORE.weights(scores, temperature)[0], weight("score"), 1e-6);
        assertEquals(weight("score"), weight(null), "what the demo's recipe says");
    }

    private double weight(String rule) {
        Answer answer =
                answers.answer(new AnswerRequest(DemoCorpus.QUESTION, "parametric", null, rule, null, null, null));
        assertEquals(Answer.Through.ADAPTER, answer.passages().getFirst().through());
        assertEquals(Answer.Through.PROMPT, answer.passages().get(1).through());
        return answer.passages().getFirst().weight();
    }

    @ParameterizedTest
    @ValueSource(strings = {"parametric", "combined", "in-context"})
    void withoutPassagesTheModelStandsAlone(String method) {
        Answer answer = answers.answer(AnswerRequest.of(UNHEARD_OF, method));
        Answer closed = answers.answer(AnswerRequest.of(UNHEARD_OF, "closed-book"));
        assertEquals(closed.text(), answer.text());
        assertEquals(closed.promptTokens(), answer.promptTokens());
        assertEquals(List.of(), answer.passages());
        assertTrue(
                answer.notes().getFirst().contains("no passage"), answer.notes().toString());
        assertEquals(List.of(), closed.notes());
    }

    @Test
    void adaptersAreHeldWhileTheAnswerIsWrittenAndNoLonger() {
        Set<Integer> inUse = new HashSet<>();
        answers.answer(
                AnswerRequest.of(DemoCorpus.QUESTION, "parametric"),
                text -> inUse.add(runtime.adapters().inUse()));
        assertEquals(Set.of(1), inUse);
        assertEquals(0, runtime.adapters().inUse());
    }

    @Test
    void adaptersAreGivenBackWhateverHappens() {
        AnswerListener failing = text -> {
            throw new IllegalStateException("the listener's own");
        };
        assertThrows(
                IllegalStateException.class,
                () -> answers.answer(AnswerRequest.of(DemoCorpus.QUESTION, "parametric"), failing));
        assertEquals(0, runtime.adapters().inUse());
        AnswerListener failingAtOnce = new AnswerListener() {
            @Override
            public void onText(String text) {}

            @Override
            public void onStart(Runnable cancel) {
                throw new IllegalStateException("the listener's own");
            }
        };
        assertThrows(
                IllegalStateException.class,
                () -> answers.answer(AnswerRequest.of(DemoCorpus.QUESTION, "parametric"), failingAtOnce));
        assertEquals(0, runtime.adapters().inUse());
        AnswerRequest tooLong = AnswerRequest.of(DemoCorpus.QUESTION + " why".repeat(3000), "parametric");
        assertEquals(
                UserException.Kind.TOO_LARGE,
                assertThrows(UserException.class, () -> answers.answer(tooLong)).kind());
    }

    @Test
    void aCancelledAnswerSaysSo() {
        Answer answer = answers.answer(AnswerRequest.of(DemoCorpus.QUESTION, "parametric"), new AnswerListener() {
            @Override
            public void onText(String text) {}

            @Override
            public void onStart(Runnable cancel) {
                cancel.run();
            }
        });
        assertEquals("cancelled", answer.finish());
    }

    @Test
    void theSameSeedWritesTheSame() {
        List<String> texts = new ArrayList<>();
        for (long seed = 0; seed < 4; seed++) {
            AnswerRequest request = new AnswerRequest(UNHEARD_OF, "closed-book", null, null, 12, 2.0, seed);
            String text = answers.answer(request).text();
            assertEquals(text, answers.answer(request).text());
            texts.add(text);
        }
        assertTrue(new HashSet<>(texts).size() > 1, texts.toString());
        AnswerRequest unseeded = new AnswerRequest(UNHEARD_OF, "closed-book", null, null, 12, 2.0, null);
        assertEquals(texts.getFirst(), answers.answer(unseeded).text(), "0 is the seed where none is given");
        AnswerRequest greedy = new AnswerRequest(UNHEARD_OF, "closed-book", null, null, 12, 0.0, 5L);
        AnswerRequest plain = new AnswerRequest(UNHEARD_OF, "closed-book", null, null, 12, null, null);
        assertEquals(answers.answer(plain).text(), answers.answer(greedy).text());
        assertNotEquals(List.of(answers.answer(plain).text()), texts);
    }

    @Test
    void whatWasWrittenIsWhatTheListenerHeard() {
        StringBuilder heard = new StringBuilder();
        Answer answer = answers.answer(AnswerRequest.of(DemoCorpus.QUESTION, "combined"), heard::append);
        assertEquals(answer.text(), heard.toString());
    }
}
