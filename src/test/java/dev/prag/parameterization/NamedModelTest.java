package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.model.chat.ChatModel;
import dev.prag.augmentation.AugmentationModel;
import dev.prag.augmentation.AugmentationService;
import dev.prag.augmentation.Augmenter;
import dev.prag.base.UserException;
import dev.prag.corpus.TextSelection;
import dev.prag.database.DatabaseResource;
import io.quarkiverse.langchain4j.ModelName;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Recipes that name the model that augments. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class NamedModelTest extends EncoderSetup {
    @Inject
    AugmentationService service;

    @Inject
    @ModelName("augmentation")
    ChatModel endpoint;

    /** The recipe, less to ask for, with another model that augments. */
    private Recipes naming(AugmentationModel by, String path, String weights, List<String> leftOut) throws IOException {
        ObjectNode recipe = (ObjectNode) JSON.readTree(Recipe.load("demo").toJson());
        ObjectNode augmentation = (ObjectNode) recipe.get("augmentation");
        augmentation.putArray("rewriteTemperatures");
        augmentation.putArray("pairTemperatures").add(0);
        // Of each test its own, as they share a database.
        augmentation.put("seed", folder.toString().hashCode() & 0xffff);
        if (path != null) {
            augmentation.put("model", path);
            augmentation.put("weights", weights);
        }
        ObjectNode training = (ObjectNode) recipe.get("training");
        training.put("epochs", 1).set("leaveOut", JSON.valueToTree(leftOut));
        Path file = Files.writeString(folder.resolve("named.json"), recipe.toString());
        Recipes named = new Recipes(runtime, settings, by, Optional.of(file.toString()));
        // Now, as the next one has the same file.
        named.current();
        return named;
    }

    private Path copyOfTheDemoModel(String name) throws IOException {
        Path copy = Files.createDirectory(folder.resolve(name));
        try (Stream<Path> files = Files.list(Path.of("src/main/demo/model"))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    private static String key(AugmentationModel model, Recipes of) {
        return PassageAugmentations.key(model, of.current().augmentation());
    }

    @Test
    void twoModelsInOneProcessAndWhatOneMadeIsSharedAndNotMadeAgain() throws IOException {
        ingestDemo(2);
        Path copy = copyOfTheDemoModel("augmenter");
        own = naming(model, "augmenter", "int8", List.of());
        assertTrue(model.isBeside(own.current().augmentation()));
        Heard heard = new Heard();
        EncodingSummary first = encoder(service, store).run(1, heard);
        assertEquals(2, first.trained(), first + " " + heard.failures);
        assertEquals(1, heard.fraction);
        assertReady(2, own);
        AugmentationFiles files = new AugmentationFiles(augmentations, model, own, runtime);
        String making = files.find(demoText(0)).orElseThrow().making();
        assertTrue(making.contains("\"model\":\"" + runtime.modelId() + " int8\""), making);

        // Nothing is left of the model but what is known of it, so it isn't opened.
        Files.delete(copy.resolve("model.safetensors"));
        String before = own.current().hash();
        own = naming(model, "augmenter", "int8", List.of("pairs"));
        assertNotEquals(before, own.current().hash());
        assertEquals(2, encoder(service, store).run(2, heard).trained());
    }

    @Test
    void itIsKnownByItsContentAndWeights() throws IOException {
        copyOfTheDemoModel("here");
        copyOfTheDemoModel("there");
        Recipes none = naming(model, null, null, List.of());
        Recipes here = naming(model, "here", "full", List.of());
        String hash = here.current().hash();
        Recipes there = naming(model, "there", null, List.of());
        Recipes int8 = naming(model, "there", "int8", List.of());
        assertEquals(folder.resolve("here"), here.current().augmentation().model());
        assertEquals(hash, there.current().hash(), "where it lies doesn't count");
        assertNotEquals(hash, int8.current().hash());
        assertNotEquals(hash, none.current().hash(), "it is named");
        assertEquals(key(model, none), key(model, here), "augmented alike");
        assertNotEquals(key(model, none), key(model, int8));
        assertFalse(model.isBeside(here.current().augmentation()), "it is the model that answers");
    }

    @Test
    void anAugmentationRunLeavesNoModelBehind() throws IOException {
        ingestDemo(1);
        copyOfTheDemoModel("augmenter");
        own = naming(model, "augmenter", "int8", List.of());
        AugmentationRun run = new AugmentationRun(
                runtime,
                own,
                queue,
                targets,
                augmentations,
                new Augmenter(service, model, 8),
                model,
                Duration.ofSeconds(20),
                4);
        assertEquals(new AugmentationRun.Summary(1, 0), run.run(TextSelection.ALL, new AugmentationRun.Listener() {}));
        assertEquals(1, counts().pending());
        assertEquals(
                1, encoder(new Scripted(), store).run(EncodingListener.NONE).trained());
    }

    @Test
    void whatCannotBeIsRefusedByName() throws IOException {
        UserException missing = assertThrows(UserException.class, () -> naming(model, "nowhere", null, List.of())
                .current());
        assertTrue(
                missing.getMessage().contains("augmentation.model")
                        && missing.getMessage().contains("nowhere"),
                missing.getMessage());
        Files.createDirectory(folder.resolve("empty"));
        UserException empty = assertThrows(UserException.class, () -> naming(model, "empty", null, List.of())
                .current());
        assertTrue(empty.getMessage().contains("config.json"), empty.getMessage());
        UserException weights = assertThrows(UserException.class, () -> naming(model, "empty", "int4", List.of())
                .current());
        assertTrue(weights.getMessage().contains("int4"), weights.getMessage());
        copyOfTheDemoModel("augmenter");
        AugmentationModel remote = new AugmentationModel(runtime, endpoint, "openai", "http://h", "m", "key");
        UserException both = assertThrows(UserException.class, () -> naming(remote, "augmenter", null, List.of())
                .current());
        assertTrue(
                both.getMessage().contains("augmentation.model")
                        && both.getMessage().contains("prag.augmentation.provider"),
                both.getMessage());
    }
}
