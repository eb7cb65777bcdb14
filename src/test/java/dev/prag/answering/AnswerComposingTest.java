package dev.prag.answering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.database.DatabaseResource;
import dev.prag.parameterization.Composing;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Strength, scope and weights of what a question composes, with two passages that have adapters. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class AnswerComposingTest {
    @Inject
    DemoCorpus demo;

    @Inject
    AnswerService answers;

    @Inject
    ModelRuntime runtime;

    @BeforeEach
    void twoEncodedPassages() {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        demo.encode(demo.ingest(DemoCorpus.STAIR));
    }

    @AfterEach
    void leaveNothing() {
        demo.clear();
        assertEquals(0, runtime.adapters().inUse());
    }

    private Answer ask(String method, String choices) {
        return answers.answer(AnswerRequest.of(DemoCorpus.QUESTION, method, Composing.parse(choices), null));
    }

    private static List<Double> weights(Answer answer) {
        return answer.passages().stream().map(Answer.Used::weight).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"parametric", "combined"})
    void withoutStrengthItIsPlainRag(String method) {
        Answer plain = ask("in-context", "");
        Answer answer = ask(method, "strength=0");
        assertEquals(plain.text(), answer.text());
        assertEquals(plain.promptTokens(), answer.promptTokens());
        assertEquals(plain.passages(), answer.passages());
        assertTrue(answer.notes().toString().contains("strength of adapters is 0"), answer::toString);
    }

    @Test
    void strengthAndRuleMakeTheWeights() {
        assertEquals(List.of(0.5, 0.5), weights(ask("parametric", "weights=sum,strength=0.5")));
        assertEquals(List.of(0.125, 0.125), weights(ask("combined", "weights=mean,strength=0.25")));
    }

    @Test
    void whatTheRuleGivesNoWeightIsNeitherComposedNorPutInPlaceOfItsAdapter() {
        Answer parametric = ask("parametric", "weights=best,topK=2");
        assertEquals(List.of(1.0), weights(parametric));
        assertEquals(ask("parametric", "topK=1").text(), parametric.text());
        Answer combined = ask("combined", "weights=best,topK=2");
        assertEquals(2, combined.passages().size());
        assertEquals(1.0, combined.passages().getFirst().weight());
        assertNull(combined.passages().get(1).weight());
        assertEquals(Answer.Through.PROMPT, combined.passages().get(1).through());
        assertEquals(ask("in-context", "topK=2").promptTokens(), combined.promptTokens());
        assertEquals(List.of(), combined.notes());
    }

    /** The base model has read the prompt already, and what it has read serves any composition. */
    @Test
    void inTheAnswerOnlyThePromptIsTheBaseModels() {
        long before = runtime.engine().statistics().reusedRows();
        ask("in-context", "");
        assertEquals(before, runtime.engine().statistics().reusedRows());
        Answer inAnswer = ask("combined", "scope=answer");
        long reused = runtime.engine().statistics().reusedRows() - before;
        assertTrue(reused > inAnswer.promptTokens() / 2, () -> reused + " of " + inAnswer.promptTokens());
        assertEquals(
                2, inAnswer.passages().stream().filter(p -> p.weight() != null).count());
        ask("combined", "scope=prompt");
        assertEquals(before + reused, runtime.engine().statistics().reusedRows());
    }
}
