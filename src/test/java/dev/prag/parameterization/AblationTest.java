package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.augmentation.Augmentation;
import dev.prag.corpus.AdapterMeasure;
import dev.prag.database.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Recipes that leave something of the augmentations out, encoded. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class AblationTest extends EncoderSetup {
    @Test
    void recipesThatLeaveSomethingOutShareTheAugmentations() throws IOException {
        ingestDemo(2);
        Scripted asked = new Scripted();
        long tokens = encoder(asked, store).run(EncodingListener.NONE).tokens();
        int answers = asked.asked.get();
        for (List<String> left : List.of(List.of("rewrites"), List.of("pairs"), List.of("pairs", "rewrites"))) {
            recipeWith("leaveOut", JSON.valueToTree(left));
            EncodingSummary summary = encoder(asked, store).run(EncodingListener.NONE);
            assertEquals(2, summary.trained(), left.toString());
            assertEquals(answers, asked.asked.get(), "asked again for " + left);
            assertTrue(summary.tokens() < tokens, left + ": " + summary);
            assertReady(2, own);
        }
    }

    @Test
    void whereNoPairsAreAskedForTheTextsAreLearnedAndMeasured() throws IOException {
        ingestDemo(2);
        ObjectNode recipe = (ObjectNode) JSON.readTree(own.current().toJson());
        ((ObjectNode) recipe.get("augmentation")).putArray("pairTemperatures");
        ((ObjectNode) recipe.get("training"))
                .putObject("gate")
                .put("gain", 0.01)
                .put("neutral", 1);
        Path file = Files.writeString(folder.resolve("plain.json"), recipe.toString());
        own = new Recipes(runtime, settings, model, Optional.of(file.toString()));
        Scripted asked = new Scripted();
        EncodingSummary summary = encoder(asked, store).run(EncodingListener.NONE);
        assertEquals(2, summary.trained());
        assertEquals(0, summary.incomplete(), "passages without pairs want nothing");
        assertEquals(4, asked.asked.get(), "two rewrites of two passages");
        AdapterMeasure measure = measures.worst(runtime.modelId(), own.current().hash(), 1)
                .getFirst()
                .measure();
        assertTrue(measure.own() < measure.none(), measure.toString());

        AugmentationFiles files = new AugmentationFiles(augmentations, model, own, runtime);
        Augmentation made =
                PassageAugmentations.read(files.find(demoText(0)).orElseThrow().body());
        assertEquals(List.of(), made.pairs());
        assertEquals(2, made.rewrites().size());
        Map<String, Long> figures = files.figures();
        assertEquals(0L, figures.getOrDefault("kept", 0L));
        assertEquals(4L, figures.get("rewrites"));
        Path exported = folder.resolve("made.jsonl");
        assertEquals(2, files.write(exported));
        assertEquals(2, files.read(exported).unchanged());
        assertNotEquals(recipes.current().hash(), own.current().hash());
    }

    @Test
    void withNeitherNoModelIsAsked() throws IOException {
        ingestDemo(1);
        ObjectNode recipe = (ObjectNode) JSON.readTree(own.current().toJson());
        ((ObjectNode) recipe.get("augmentation")).putArray("pairTemperatures");
        ((ObjectNode) recipe.get("augmentation")).putArray("rewriteTemperatures");
        Path file = Files.writeString(folder.resolve("bare.json"), recipe.toString());
        own = new Recipes(runtime, settings, model, Optional.of(file.toString()));
        Scripted asked = new Scripted();
        assertEquals(1, encoder(asked, store).run(EncodingListener.NONE).trained());
        assertEquals(0, asked.asked.get());
    }
}
