package dev.prag.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.lora.Composition;
import dev.prag.lora.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Texts that go on under other compositions, as strategies write them: no row that was computed under one is ever read
 * under another. The model's next token is a hash of every row that the sequence reads, with its composition.
 */
@Timeout(60)
class GoingOnTest {
    private static final int CONTEXT = 120;
    private static final int END = 5;

    private static EngineSettings settings() {
        return new EngineSettings(CONTEXT, 4, 40, 16, 4, 60);
    }

    private static GenerationRequest request(int[] ids, Composition composition, Scope scope, int begun) {
        return new GenerationRequest(ids, 7, Sampling.GREEDY, List.of(), Set.of(), true, composition, scope)
                .goingOn(begun);
    }

    @ParameterizedTest
    @EnumSource(Scope.class)
    void rowsOfTwoCompositionsAreNeverMixed(Scope scope) {
        Random random = new Random(11);
        List<Composition> compositions = new ArrayList<>(List.of(Composition.NONE));
        for (int mark = 1; mark <= 3; mark++) {
            compositions.add(
                    new Composition(List.of(new Composition.Term(new FakeModel.FakeAdapter(100 * mark), 0.5f))));
        }
        try (GenerationEngine engine = new GenerationEngine(
                new FakeModel(settings()), () -> TokenText.NONE, Set.of(END), FakeModel.VOCAB, settings())) {
            int[] prompt = random.ints(21, 0, FakeModel.VOCAB).toArray();
            for (int text = 0; text < 20; text++) {
                int[] ids = prompt;
                while (ids.length + 7 < CONTEXT) {
                    Composition composition = compositions.get(random.nextInt(compositions.size()));
                    // What is dropped again leaves its rows behind, too.
                    engine.generate(request(ids, composition, scope, ids.length - prompt.length));
                    GenerationRequest request = request(
                            ids,
                            compositions.get(random.nextInt(compositions.size())),
                            scope,
                            ids.length - prompt.length);
                    GenerationResult result = engine.generate(request);
                    assertArrayEquals(FakeModel.alone(request, END, CONTEXT).ids(), result.ids());
                    int kept = 1 + random.nextInt(7);
                    int[] longer = Arrays.copyOf(ids, ids.length + kept);
                    System.arraycopy(result.ids(), 0, longer, ids.length, kept);
                    ids = longer;
                }
            }
            assertTrue(engine.statistics().reusedRows() > 0, "prompts were shared where they may be");
        }
    }

    @Test
    void aTextIsBehindItsPrompt() {
        GenerationRequest request = request(new int[] {1, 2, 3, 4}, Composition.NONE, Scope.ANSWER, 2);
        assertEquals(2, request.begun());
        assertThrows(IllegalArgumentException.class, () -> request.goingOn(4));
        assertThrows(IllegalArgumentException.class, () -> request.goingOn(-1));
        assertEquals(2, request.with(Sampling.GREEDY).with(Scope.PROMPT).begun());
    }
}
