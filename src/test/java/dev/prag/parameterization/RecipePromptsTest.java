package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.Pair;
import dev.prag.augmentation.PromptSet;
import dev.prag.augmentation.Prompts;
import dev.prag.base.UserException;
import dev.prag.llm.GenerationDefaults;
import dev.prag.llm.LanguageModel;
import dev.prag.llm.ModelFolder;
import dev.prag.tensor.DType;
import dev.prag.tensor.plain.PlainDevice;
import dev.prag.training.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Recipes with prompts of somebody's own. */
class RecipePromptsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "demo, 9733a2c9f04c84c50480c3bfd55bcd3e7ac0bd2d639d48388726f68780fdb012,"
                + " 862d70d83247f04bb4371c3a143cc21495fcaf62848eff55d7f3f789fdbe29bb",
        "general, 0a920b2f9ef08e32ffb16644dcdbf201ff905d13b8893a6c6d07683bf087d4cb,"
                + " b11284ecc82b01bb3f4d717dfb7211eb382adcbe3e6bcec4d808613eddbd8def",
        "paper, 5820e0a957d37b00198d65c899e4fa756cf3515d91ccef9c6a2ce8b8c42841aa,"
                + " d44180228fc5257351436fa90b71684caf1185001008dfd9d03a94ba2f05945d"
    })
    void adaptersOfExistingHomesStayThoseOfTheirRecipes(String name, String hash, String augmentation) {
        assertEquals(hash, Recipe.load(name).hash());
        assertEquals(augmentation, Recipe.load(name).augmentation().hash());
    }

    @Test
    void theWordingCountsAndNotWhereItLies() throws IOException {
        Recipe demo = Recipe.load("demo");
        ObjectNode set = set("demo");
        assertEquals(demo.hash(), recipe("one", set).hash(), "the words of the set demo");
        set.put("rewrite", "Otherwise: {passage}");
        Recipe one = recipe("one", set);
        Recipe two = recipe("two", set);
        assertEquals(one.hash(), two.hash());
        assertEquals(one.augmentation().hash(), two.augmentation().hash());
        assertNotEquals(demo.hash(), one.hash());
        assertNotEquals(demo.augmentation().hash(), one.augmentation().hash());
        set.put("passage", "{passage} ");
        Recipe reworded = recipe("one", set);
        assertNotEquals(two.hash(), reworded.hash());
        assertEquals(two.augmentation().hash(), reworded.augmentation().hash(), "nothing is asked for otherwise");
        String file =
                Files.writeString(folder.resolve("found.json"), two.toFile()).toString();
        assertEquals(two, Recipe.load(file), "a recipe that was written elsewhere finds its prompts");
    }

    @Test
    void questionsOneByOneNeedTheirPromptsAndAnswerInTheSetsWords() throws IOException {
        ObjectNode set = set("instruct");
        set.put("rewrite", "Otherwise: {passage}");
        ObjectNode one = withQuestions("one", set);
        String first = Recipe.load(folder.resolve("one/recipe.json").toString())
                .augmentation()
                .hash();
        ((ObjectNode) set.get("direct")).put("withoutPassages", "Well: {question}");
        withQuestions("one", set);
        Recipe asked = Recipe.load(folder.resolve("one/recipe.json").toString());
        assertNotEquals(first, asked.augmentation().hash());
        set.remove("questions");
        UserException e = assertThrows(UserException.class, () -> withQuestions("one", set, one));
        assertTrue(
                e.getMessage().contains("prompts.json") && e.getMessage().contains("field questions"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void examplesStandInPromptsAndSamplesAlike(boolean turns) throws IOException {
        ObjectNode set = set("demo");
        set.set("shots", JSON.readTree("""
                [{"question": "Where was Ada born?", "answer": "Rin", "fullAnswer": "Ada was born in Rin.",
                  "passages": ["Ada comes from Rin."]},
                 {"question": "Who is Ole?", "answer": "a baker"}]"""));
        ObjectNode steps = (ObjectNode) set.get("steps");
        if (turns) {
            steps.put("shotTurns", true);
        } else {
            steps.put("shot", "{passages}Q: {question}\\nA: {fullAnswer} So {answer}.\\n".replace("\\n", "\n"))
                    .put("withPassages", "{shots}{passages}Q: {question}")
                    .put("withoutPassages", "{shots}Q: {question}");
        }
        Pair pair = new Pair("Who is Vera?", "a smith", "Vera works as a smith.");
        String own = " Vera works as a smith. So the answer is a smith.";
        List<Map<String, Object>> before = new ArrayList<>();
        String user;
        if (turns) {
            String rule = "\nAnswer from what you know and from the passages above.\nQuestion: ";
            before.add(turn("user", "Passage 1: Ada comes from Rin.\n" + rule + "Where was Ada born?"));
            before.add(turn("assistant", "Let me think. Ada was born in Rin. So the answer is Rin."));
            before.add(turn("user", "Answer from what you know.\nQuestion: Who is Ole?"));
            before.add(turn("assistant", "Let me think. a baker So the answer is a baker."));
            user = "Passage 1: A text.\n" + rule + "Who is Vera?";
        } else {
            user = "Passage 1: Ada comes from Rin.\nQ: Where was Ada born?\nA: Ada was born in Rin. So Rin.\n"
                    + "Q: Who is Ole?\nA: a baker So a baker.\nPassage 1: A text.\nQ: Who is Vera?";
        }
        before.add(turn("user", user));
        PromptSet prompts = recipe("one", set).prompts();
        assertEquals(2, prompts.shown(true));
        assertEquals(0, prompts.shown(false), "the direct style shows none");
        try (PlainDevice device = new PlainDevice();
                LanguageModel model =
                        LanguageModel.open(ModelFolder.open(Path.of("src/main/demo/model")), device, DType.F32)) {
            int[] asked = prompts.answerIds(model, List.of("A text."), "Who is Vera?", true);
            assertArrayEquals(
                    concat(model.chatIds(before, true), model.tokenizer().encodeText("Let me think.", false)), asked);
            Sample sample = new SampleBuilder(model, prompts, true)
                    .build("A text.", new Augmentation(List.of(), List.of(pair), List.of()))
                    .getFirst();
            List<Map<String, Object>> whole = new ArrayList<>(before);
            whole.add(turn("assistant", "Let me think." + own));
            assertArrayEquals(model.chatIds(whole, false), sample.ids());
            assertEquals(model.chatIds(before, true).length, sample.answerFrom());
        }
    }

    @Test
    void aTrailingSpaceBeforeTheAnswerIsATokenOfThePrompt() throws IOException {
        ObjectNode set = set("demo");
        ((ObjectNode) set.get("direct")).put("start", "The answer is ");
        PromptSet prompts = recipe("one", set).prompts();
        assertEquals("Rin.", prompts.answerText("Rin", false));
        try (PlainDevice device = new PlainDevice();
                LanguageModel model =
                        LanguageModel.open(ModelFolder.open(Path.of("src/main/demo/model")), device, DType.F32)) {
            int[] plain = PromptSet.named("demo").answerIds(model, List.of(), "Who?", false);
            int[] spaced = prompts.answerIds(model, List.of(), "Who?", false);
            assertArrayEquals(concat(plain, model.tokenizer().encodeText(" ", false)), spaced);
        }
    }

    @Test
    void whatDecidesAnswersAloneDecidesNoAdapter() throws IOException {
        ObjectNode node = (ObjectNode) JSON.readTree(Recipe.load("demo").toJson());
        ((ObjectNode) node.get("answering"))
                .put("repetitionPenalty", "model")
                .set("extraction", JSON.readTree("{\"marker\": \"first\", \"cutAt\": [\".\", \"\\n\", \",\"]}"));
        Recipe recipe = load("one", node);
        assertEquals(Recipe.load("demo").hash(), recipe.hash());
        assertEquals(recipe, load("two", (ObjectNode) JSON.readTree(recipe.toJson())));
        assertNotEquals(
                Recipe.load("demo").answering().toString(),
                recipe.answering().toString(),
                "an evaluation's log knows them apart");
        assertEquals(
                "Rin",
                recipe.prompts()
                        .extractAnswer(" Rin, Oxu", false, recipe.answering().extracted()));
        GenerationDefaults qwen = new GenerationDefaults(true, 0.7f, 20, 0.8f, 1.1f, Optional.empty(), List.of(1));
        assertEquals(1.1f, recipe.answering().penalty(qwen));
        assertEquals(1, Recipe.load("demo").answering().penalty(qwen), "none that nobody asked for");
        ((ObjectNode) node.get("answering")).put("repetitionPenalty", 1.3);
        assertEquals(1.3f, load("one", node).answering().penalty(qwen));
        assertTrue(load("one", node).answering().toString().contains("1.3"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /answering/repetitionPenalty | "much"               | repetitionPenalty is much
        /answering/repetitionPenalty | 0                    | repetitionPenalty is 0.0
        /answering/repetitionPenalty | true                 | repetitionPenalty is true
        /answering/extraction        | {"cutAt": [""]}      | cutAt
        /answering/extraction        | {"marker": "second"} | marker
        /answering/extraction        | {"cut": ["."]}       | extraction.cut
        /augmentation/prompts        | "polite"             | polite
        /augmentation/prompts        | "nowhere.json"       | seen from recipe.json
        /augmentation/prompts        | 7                    | prompt set 7
        /augmentation/prompts        | {}                   | augmentation.prompts
        """)
    void whatCannotBeIsRefusedByItsName(String pointer, String value, String fault) throws IOException {
        ObjectNode node = (ObjectNode) JSON.readTree(Recipe.load("demo").toJson());
        int slash = pointer.lastIndexOf('/');
        ((ObjectNode) node.at(pointer.substring(0, slash))).set(pointer.substring(slash + 1), JSON.readTree(value));
        UserException e = assertThrows(UserException.class, () -> load("one", node));
        assertTrue(e.getMessage().contains(fault), e.getMessage());
        assertTrue(e.getMessage().contains("recipe.json"), e.getMessage());
    }

    private static ObjectNode set(String name) throws IOException {
        return (ObjectNode) JSON.readTree(Prompts.of(name, null).toFile());
    }

    private Recipe recipe(String place, ObjectNode set) throws IOException {
        ObjectNode recipe = (ObjectNode) JSON.readTree(Recipe.load("demo").toJson());
        ((ObjectNode) recipe.get("augmentation")).put("prompts", "words/prompts.json");
        Path words = Files.createDirectories(folder.resolve(place).resolve("words"));
        Files.writeString(words.resolve("prompts.json"), set.toString());
        return load(place, recipe);
    }

    private ObjectNode withQuestions(String place, ObjectNode set) throws IOException {
        ObjectNode recipe = (ObjectNode) JSON.readTree(Recipe.load("demo").toJson());
        ((ObjectNode) recipe.get("augmentation"))
                .put("prompts", "words/prompts.json")
                .putObject("questions");
        return withQuestions(place, set, recipe);
    }

    private ObjectNode withQuestions(String place, ObjectNode set, ObjectNode recipe) throws IOException {
        Path words = Files.createDirectories(folder.resolve(place).resolve("words"));
        Files.writeString(words.resolve("prompts.json"), set.toString());
        load(place, recipe);
        return recipe;
    }

    private Recipe load(String place, JsonNode recipe) throws IOException {
        Path file = Files.createDirectories(folder.resolve(place)).resolve("recipe.json");
        return Recipe.load(Files.writeString(file, recipe.toString()).toString());
    }

    private static Map<String, Object> turn(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    private static int[] concat(int[] a, int[] b) {
        int[] all = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }
}
