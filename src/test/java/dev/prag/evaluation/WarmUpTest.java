package dev.prag.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.database.DatabaseResource;
import dev.prag.parameterization.Recipes;
import dev.prag.parameterization.Starts;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class WarmUpTest {
    private static final WarmUp.How HOW = new WarmUp.How(null, 2, 3e-4f);
    private static final List<Question> QUESTIONS = Stream.of("Ole", "Ida", "Per", "Liv")
            .map(name -> new Question("Where was " + name + " born?", List.of("Kirkby"), "single", List.of()))
            .toList();

    @TempDir
    Path folder;

    @Inject
    ModelRuntime runtime;

    @Inject
    Recipes recipes;

    @Inject
    Starts starts;

    @Test
    void endedWithinItsTrainingItGoesOnThere() throws IOException {
        Path whole = folder.resolve("whole");
        new WarmUp(runtime, recipes, starts).train(QUESTIONS, HOW, whole, "q.jsonl", done -> {});
        Path out = folder.resolve("out");
        WarmUp ending = new WarmUp(runtime, recipes, starts);
        assertThrows(
                CancellationException.class,
                () -> ending.train(QUESTIONS, HOW, out, "q.jsonl", done -> {
                    if (done == 0.625) {
                        ending.end();
                    }
                }));
        Path checkpoint = folder.resolve(".out.checkpoint");
        assertTrue(Files.exists(checkpoint) && Files.notExists(out));
        UserException refused = assertThrows(UserException.class, () -> new WarmUp(runtime, recipes, starts)
                .train(QUESTIONS.subList(0, 2), HOW, out, "q.jsonl", done -> {}));
        assertTrue(refused.getMessage().contains(checkpoint + " holds how far another"), refused.getMessage());
        WarmUp.Made made = new WarmUp(runtime, recipes, starts).train(QUESTIONS, HOW, out, "q.jsonl", done -> {});
        assertEquals(5, made.from());
        assertFalse(Files.exists(checkpoint));
        for (String file : List.of("adapter_model.safetensors", "adapter_config.json", "warmup.json")) {
            assertArrayEquals(Files.readAllBytes(whole.resolve(file)), Files.readAllBytes(out.resolve(file)), file);
        }
    }
}
