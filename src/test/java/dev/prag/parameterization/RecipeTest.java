package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import dev.prag.lora.Projection;
import dev.prag.training.TrainingRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @Test
    void paperIsThePapersSettings() {
        Recipe paper = Recipe.load("paper");
        TrainingRecipe training = paper.trainingRecipe();
        assertEquals(2, training.rank());
        assertEquals(32, training.alpha());
        assertEquals(3e-4f, training.learningRate());
        assertEquals(1, training.epochs());
        assertEquals(TrainingRecipe.LossOn.ALL, training.lossOn());
        assertEquals(EnumSet.of(Projection.GATE, Projection.UP, Projection.DOWN), training.targets());
        assertEquals(1, paper.augmentation().rewriteTemperatures().size());
        assertEquals(3, paper.augmentation().maxPairs());
        assertEquals(WeightRule.SUM, paper.answering().weights());
        assertEquals(3, paper.answering().topK());
    }

    @Test
    void aFileOfTheSameContentHasTheSameHash() throws IOException {
        Recipe demo = Recipe.load("demo");
        Recipe read = load(JSON.readTree(demo.toJson()));
        assertEquals(demo, read);
        assertEquals(demo.hash(), read.hash());
        assertEquals(demo.toJson(), read.toJson());
    }

    @Test
    void theHashIsOverWhatDecidesAnAdapter() throws IOException {
        Recipe demo = Recipe.load("demo");
        Set<String> hashes = new TreeSet<>();
        hashes.add(demo.hash());
        assertEquals(demo.hash(), changed("/name", "\"mine\"").hash());
        assertEquals(demo.hash(), changed("/answering/topK", "5").hash());
        assertEquals(demo.hash(), changed("/answering/weights", "\"sum\"").hash());
        assertEquals(
                demo.hash(),
                changed("/training/targets", "[\"down_proj\",\"gate_proj\",\"up_proj\"]")
                        .hash());
        hashes.add(changed("/training/learningRate", "0.002").hash());
        hashes.add(changed("/training/seed", "2").hash());
        hashes.add(changed("/training/lossOn", "\"answer\"").hash());
        hashes.add(changed("/training/targets", "[\"down_proj\"]").hash());
        hashes.add(changed("/training/steps", "true").hash());
        hashes.add(changed("/augmentation/seed", "2").hash());
        hashes.add(changed("/augmentation/maxPairs", "2").hash());
        hashes.add(changed("/augmentation/prompts", "\"instruct\"").hash());
        hashes.add(changed("/training/samples", "\"none\"").hash());
        hashes.add(changed("/training/samples", "\"among-others\"").hash());
        hashes.add(changed("/training/loss", "{\"distillation\": 1}").hash());
        hashes.add(changed("/training/loss", "{\"neutral\": 1}").hash());
        hashes.add(changed("/training/sharedA", "false").hash());
        hashes.add(changed("/training/maxNorm", "0.02").hash());
        hashes.add(changed("/training/validation", "{\"share\": 0.2, \"patience\": 2}")
                .hash());
        hashes.add(changed("/augmentation/pairTemperatures", "[0, 0.7]").hash());
        hashes.add(changed("/augmentation/structured", "true").hash());
        assertEquals(demo.hash(), changed("/augmentation/structured", "false").hash());
        assertEquals(demo.hash(), changed("/training/scope", "\"prompt\"").hash());
        assertEquals(18, hashes.size());
    }

    @Test
    void theHashesOfTheRecipesThatComeWithTheProgramStay() {
        assertEquals(
                "9733a2c9f04c84c50480c3bfd55bcd3e7ac0bd2d639d48388726f68780fdb012",
                Recipe.load("demo").hash());
        assertEquals(
                "0a920b2f9ef08e32ffb16644dcdbf201ff905d13b8893a6c6d07683bf087d4cb",
                Recipe.load("general").hash());
        assertEquals(
                "5820e0a957d37b00198d65c899e4fa756cf3515d91ccef9c6a2ce8b8c42841aa",
                Recipe.load("paper").hash());
    }

    @Test
    void whatIsLeftOutDecidesWhateverItsSpelling() throws IOException {
        Recipe demo = Recipe.load("demo");
        assertEquals(demo.hash(), changed("/training/leaveOut", "[]").hash());
        assertEquals(demo.hash(), changed("/training/leaveOut", "null").hash());
        Recipe both = changed("/training/leaveOut", "[\"rewrites\", \"pairs\"]");
        assertEquals(
                both.hash(),
                changed("/training/leaveOut", "[\"pairs\", \"rewrites\", \"pairs\"]")
                        .hash());
        Recipe rewrites = changed("/training/leaveOut", "[\"rewrites\"]");
        Recipe pairs = changed("/training/leaveOut", "[\"pairs\"]");
        Recipe notAsked = changed("/augmentation/pairTemperatures", "[]");
        assertEquals(
                5,
                Set.of(demo.hash(), both.hash(), rewrites.hash(), pairs.hash(), notAsked.hash())
                        .size());
        assertTrue(demo.trainsOnPairs() && demo.trainsOnRewrites());
        assertTrue(rewrites.trainsOnPairs() && !rewrites.trainsOnRewrites());
        assertTrue(!pairs.trainsOnPairs() && pairs.trainsOnRewrites());
        assertTrue(!notAsked.trainsOnPairs() && notAsked.trainsOnRewrites());
        assertEquals(demo.augmentation().hash(), both.augmentation().hash(), "the augmentations are the same");
        assertEquals(both, load(JSON.readTree(both.toJson())));
        assertEquals(
                both.training().leaveOut(),
                both.training()
                        .with(1e-3f, 1, both.training().form(), both.training().loss())
                        .leaveOut());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        lossOn     | "answer"                      | lossOn
        loss       | {"distillation": 1}           | loss.distillation
        validation | {"share": 0.2, "patience": 2} | validation
        """)
    void whatNeedsPairsIsRefusedWithoutThem(String field, String value, String fault) throws IOException {
        for (boolean asked : new boolean[] {true, false}) {
            ObjectNode node = (ObjectNode) JSON.readTree(Recipe.load("demo").toJson());
            ObjectNode training = (ObjectNode) node.get("training");
            if (asked) {
                training.putArray("leaveOut").add("pairs");
            } else {
                ((ObjectNode) node.get("augmentation")).putArray("pairTemperatures");
            }
            load(node);
            training.set(field, JSON.readTree(value));
            UserException e = assertThrows(UserException.class, () -> load(node));
            assertTrue(e.getMessage().contains(fault), e.getMessage());
            assertTrue(e.getMessage().contains(asked ? "leaveOut" : "pairTemperatures"), e.getMessage());
        }
    }

    @Test
    void neutralTextsAreKnownByTheirContent() throws IOException {
        Path mine = Files.writeString(folder.resolve("mine.json"), "[\"One text.\", \"Another.\"]");
        Recipe recipe = changed("/training/loss", "{\"neutral\": 1, \"neutralTexts\": \"mine.json\"}");
        assertEquals(mine, recipe.training().loss().neutralTexts());
        String first = recipe.hash();
        assertNotEquals(changed("/training/loss", "{\"neutral\": 1}").hash(), first);
        Files.move(mine, folder.resolve("moved.json"));
        assertEquals(
                first,
                changed("/training/loss", "{\"neutral\": 1, \"neutralTexts\": \"moved.json\"}")
                        .hash());
        for (String wrong : new String[] {"[\"Other.\"]", "{}", "[]", "[\"\"]", "[1, 2"}) {
            Files.writeString(folder.resolve("moved.json"), wrong);
            Recipe changed = changed("/training/loss", "{\"neutral\": 1, \"neutralTexts\": \"moved.json\"}");
            if (wrong.contains("Other")) {
                assertNotEquals(first, changed.hash());
            } else {
                UserException e = assertThrows(UserException.class, changed::hash);
                assertTrue(e.getMessage().contains("moved.json"), e.getMessage());
            }
        }
    }

    @Test
    void aWarmStartIsKnownByItsContent() throws IOException {
        Path adapter = Files.createDirectory(folder.resolve("start"));
        assertThrows(UserException.class, () -> changed("/training/init", "\"start\"")
                .hash());
        Files.writeString(adapter.resolve("adapter_config.json"), "{}");
        Files.writeString(adapter.resolve("adapter_model.safetensors"), "one");
        Recipe recipe = changed("/training/init", "\"start\"");
        assertEquals(adapter, recipe.training().init().folder());
        String first = recipe.hash();
        assertNotEquals(Recipe.load("demo").hash(), first);
        Files.writeString(adapter.resolve("adapter_model.safetensors"), "two");
        assertNotEquals(first, recipe.hash());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /training/rank                    | 0              | rank
        /training/rank                    | "two"          | rank
        /training/rank                    | 2.5            | rank
        /training/rank                    | null           | rank
        /training/alpha                   | -1             | alpha
        /training/learningRate            | 0              | learning rate
        /training/epochs                  | 0              | epochs
        /training/targets                 | ["gate"]       | gate
        /training/gate                    | {"gain": 0, "neutral": 0, "minStrength": 2} | minStrength
        /training/targets                 | [null]         | targets
        /training/targets                 | []             | targets
        /training/lossOn                  | "question"     | lossOn
        /training/lossOn                  | null           | lossOn
        /training/colour                  | 1              | colour
        /training/samples                 | "some"         | samples
        /training/maxNorm                 | 0              | maxNorm
        /training/maxNorm                 | 11             | maxNorm
        /training/scope                   | "question"     | scope
        /training/scope                   | "answer"       | let lossOn be answer
        /training/validation              | {"share": 0.2} | patience
        /training/validation              | {"share":0.9,"patience":1} | validation.share
        /training/loss                    | {"answers": 0} | loss.answers
        /training/loss                    | {"kl": 1}      | loss.kl
        /training/loss                    | {"neutral":-1} | loss.neutral
        /augmentation/prompts             | "polite"       | polite
        /augmentation/tries               | 0              | tries
        /augmentation/pairTemperatures    | [3]            | pairTemperatures
        /augmentation/weights             | "int8"         | augmentation.weights
        /augmentation/model               | 1              | model
        /training/leaveOut                | ["passages"]   | leaveOut
        /training/leaveOut                | [null]         | leaveOut
        /training/leaveOut                | "pairs"        | leaveOut
        /augmentation/rewriteTemperatures | [3]            | rewriteTemperatures
        /answering/topK                   | 0              | topK
        /answering/weights                | "product"      | weights
        /answering/scoreTemperature       | 0              | scoreTemperature
        /answering/strength               | -0.5           | strength
        /answering/cutOff                 | 1.5            | cutOff
        /answering/scope                  | "question"     | scope
        /answering/combined               | {"strength":11}| strength
        /answering/parametric             | {"force":1}    | force
        /answering                        | null           | answering
        """)
    void whatCannotBeIsRefusedByItsName(String pointer, String value, String fault) {
        UserException e = assertThrows(UserException.class, () -> changed(pointer, value));
        assertTrue(e.getMessage().contains(fault), e.getMessage());
        assertTrue(e.getMessage().contains("recipe.json"), e.getMessage());
    }

    @Test
    void aMissingFieldBrokenJsonAndAMissingFileAreRefused() throws IOException {
        ObjectNode node = (ObjectNode) JSON.readTree(Recipe.load("demo").toJson());
        ((ObjectNode) node.get("training")).remove("seed");
        assertTrue(
                assertThrows(UserException.class, () -> load(node)).getMessage().contains("seed"));
        Path broken = Files.writeString(folder.resolve("broken.json"), "{\"name\": ");
        UserException e = assertThrows(UserException.class, () -> Recipe.load(broken.toString()));
        assertTrue(e.getMessage().contains("broken.json"), e.getMessage());
        assertTrue(assertThrows(UserException.class, () -> Recipe.load("nowhere.json"))
                .getMessage()
                .contains("nowhere.json"));
    }

    @Test
    void weightRules() {
        assertArrayEquals(new float[] {1, 1}, WeightRule.of("sum").weights(new double[] {3, 1}, 1));
        assertArrayEquals(new float[] {0.5f, 0.5f}, WeightRule.of("Mean").weights(new double[] {3, 1}, 1));
        float[] byScore = WeightRule.of("score").weights(new double[] {3, 1}, 2);
        assertEquals(1, byScore[0] + byScore[1], 1e-6);
        assertEquals(Math.E, byScore[0] / byScore[1], 1e-5);
        assertArrayEquals(new float[] {0, 1}, WeightRule.of("best").weights(new double[] {1, 3}, 1));
        assertArrayEquals(new float[] {0.5f, 0, 0.5f}, WeightRule.BEST.weights(new double[] {3, 1, 3}, 1));
        assertEquals(0, WeightRule.SCORE.weights(new double[0], 1).length);
        assertThrows(UserException.class, () -> WeightRule.of("worst"));
    }

    @Test
    void aMethodMayComposeInItsOwnWay() throws IOException {
        ObjectNode node = (ObjectNode) JSON.readTree(Recipe.load("demo").toJson());
        ObjectNode answering = (ObjectNode) node.get("answering");
        answering.put("cutOff", 0.5);
        answering.set("combined", JSON.readTree("{\"strength\": 0.25, \"scope\": \"answer\", \"weights\": \"mean\"}"));
        Recipe recipe = load(node);
        assertEquals(
                "topK=3,weights=mean,strength=0.25,scope=answer,scoreTemperature=1.5,cutOff=0.5",
                recipe.answering().composing("combined").toString());
        assertEquals(
                "topK=3,weights=score,strength=1,scope=prompt,scoreTemperature=1.5,cutOff=0.5",
                recipe.answering().composing("parametric").toString());
        assertEquals(Recipe.load("demo").hash(), recipe.hash(), "it decides no adapter");
        assertEquals(recipe, load((ObjectNode) JSON.readTree(recipe.toJson())));
    }

    private Recipe changed(String pointer, String value) throws IOException {
        ObjectNode node = (ObjectNode) JSON.readTree(Recipe.load("demo").toJson());
        int slash = pointer.lastIndexOf('/');
        ((ObjectNode) node.at(pointer.substring(0, slash))).set(pointer.substring(slash + 1), JSON.readTree(value));
        return load(node);
    }

    private Recipe load(com.fasterxml.jackson.databind.JsonNode recipe) throws IOException {
        return Recipe.load(Files.writeString(folder.resolve("recipe.json"), recipe.toString())
                .toString());
    }

    @Test
    void whatSettingsAddDecidesTooAndNothingIsAddedWhereTheyDoNot() {
        Recipe paper = Recipe.load("paper");
        assertEquals(paper.hash(), paper.resolvedBy(null).hash());
        assertEquals(paper.toJson(), paper.resolvedBy(null).toJson());
        Recipe by = paper.resolvedBy(new Recipe.Resolved("openai m", null));
        Recipe byOther = paper.resolvedBy(new Recipe.Resolved("openai n", null));
        Recipe dated = paper.resolvedBy(new Recipe.Resolved(null, "2025-01-01"));
        assertEquals(
                4, Set.of(paper.hash(), by.hash(), byOther.hash(), dated.hash()).size());
        assertTrue(by.toJson().contains("openai m"), by.toJson());
    }

    @Test
    void aFileDoesNotSayWhatSettingsSay() throws IOException {
        ObjectNode recipe = (ObjectNode) JSON.readTree(Recipe.load("paper").toJson());
        recipe.putObject("resolved").put("augmenter", "openai m");
        Path file = Files.writeString(folder.resolve("recipe.json"), recipe.toString());
        UserException e = assertThrows(UserException.class, () -> Recipe.load(file.toString()));
        assertTrue(e.getMessage().contains("resolved"), e.getMessage());
    }
}
