package dev.prag.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.answering.DemoCorpus;
import dev.prag.base.Home;
import dev.prag.base.UserException;
import dev.prag.corpus.EncodingQueue;
import dev.prag.database.DatabaseResource;
import dev.prag.parameterization.EncodingProgress;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.retrieval.RetrievalConfig;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class TuningTest {
    private static final Tuning.Settings SHORT = new Tuning.Settings(Duration.ofMillis(1), 4, 1);

    @Inject
    DemoCorpus demo;

    @Inject
    Tuning tuning;

    @Inject
    Recipes recipes;

    @Inject
    EncodingQueue queue;

    @Inject
    ModelRuntime runtime;

    @Inject
    Home home;

    @Inject
    SampleMaker samples;

    @Inject
    TuningFiles files;

    @Inject
    RetrievalConfig retrieval;

    @AfterEach
    void leaveNothing() {
        demo.clear();
    }

    private static Tuning.Listener listener(List<TuningRow> rows, Set<String> told) {
        return new Tuning.Listener() {
            @Override
            public void doing(String what) {}

            @Override
            public void training(String what, EncodingProgress progress) {
                told.add(what);
                assertTrue(progress.fraction() >= 0 && progress.fraction() <= 1, progress::toString);
            }

            @Override
            public void row(TuningRow row) {
                rows.add(row);
            }
        };
    }

    private List<TuningRow> tune(List<Recipe> found, Set<String> told) {
        List<TuningRow> rows = new ArrayList<>();
        found.add(tuning.tune(SHORT, "mine", listener(rows, told)));
        return rows;
    }

    @Test
    void findsARecipeAndRemembersWhatItMeasured() throws IOException {
        for (int passage = 0; passage < 4; passage++) {
            demo.ingest(passage);
        }
        List<Recipe> found = new ArrayList<>();
        Set<String> told = new HashSet<>();
        List<TuningRow> rows = tune(found, told);
        assertTrue(told.contains("as the recipe says, on 4 passages"), told::toString);
        Recipe recipe = found.getFirst();
        assertEquals("mine", recipe.name());
        assertEquals(4, recipe.tuned().passages());
        assertTrue(recipe.tuned().questions() > 0);
        assertTrue(recipe.answering().composing("parametric").composes());
        assertTrue(recipe.tuned().combined() >= recipe.tuned().inContext());
        assertEquals(
                0, queue.counts(runtime.modelId(), recipes.current().hash()).ready());

        Path file = Files.writeString(Files.createTempFile("tuned", ".json"), recipe.toFile());
        assertEquals(recipe.hash(), Recipe.load(file.toString()).hash());
        assertEquals(recipe.tuned(), Recipe.load(file.toString()).tuned());
        Files.delete(file);

        long journals = journals();
        // To the last digit of the times: nothing is measured again.
        told.clear();
        assertEquals(rows, tune(found, told).subList(0, rows.size()));
        assertFalse(told.contains("as the recipe says, on 4 passages"), "what was measured is not trained again");
        assertEquals(journals, journals());
    }

    @Test
    void compositionsOfACallAgainHaveTheAdaptersThatWereTrainedBefore() throws IOException {
        for (int passage = 0; passage < 4; passage++) {
            demo.ingest(passage);
        }
        Tuning.Settings other = new Tuning.Settings(Duration.ofMillis(1), 4, 2);
        List<TuningRow> rows = new ArrayList<>();
        Set<String> told = new HashSet<>();
        Tuning.Listener ended = new Tuning.Listener() {
            @Override
            public void doing(String what) {}

            @Override
            public void training(String what, EncodingProgress progress) {
                told.add(what);
            }

            @Override
            public void row(TuningRow row) {
                // The first of a composition: no way of training has its parametric answers alone.
                if (row.combined() == null) {
                    throw new CancellationException("ended here");
                }
                rows.add(row);
            }
        };
        assertThrows(CancellationException.class, () -> tuning.tune(other, "mine", ended));
        assertTrue(told.contains("as the recipe says, on 4 passages"), told::toString);
        assertTrue(adapters() > 0);

        told.clear();
        List<TuningRow> again = new ArrayList<>();
        assertEquals("mine", tuning.tune(other, "mine", listener(again, told)).name());
        assertEquals(rows, again.subList(0, rows.size()));
        assertEquals(Set.of(), told);
        assertEquals(0, adapters(), "they go when the search is over");
    }

    private long adapters() throws IOException {
        try (Stream<Path> files = Files.list(home.path("tuning"))) {
            return files.filter(file -> file.toString().contains(".adapters.")).count();
        }
    }

    private long journals() throws IOException {
        try (Stream<Path> files = Files.list(home.path("tuning"))) {
            return files.count();
        }
    }

    @Test
    void itEndsWithTheProgram() {
        for (int passage = 0; passage < 4; passage++) {
            demo.ingest(passage);
        }
        List<TuningRow> rows = new ArrayList<>();
        Tuning ending = new Tuning(runtime, recipes, samples, retrieval, files);
        ending.onShutdown(null);
        assertThrows(CancellationException.class, () -> ending.tune(SHORT, "mine", listener(rows, new HashSet<>())));
        assertTrue(rows.isEmpty());
    }

    @Test
    void aCorpusThatIsTooSmallIsRefused() {
        demo.ingest(0);
        UserException e = assertThrows(UserException.class, () -> tune(new ArrayList<>(), new HashSet<>()));
        assertTrue(e.getMessage().contains("ingest more documents"), e.getMessage());
    }
}
