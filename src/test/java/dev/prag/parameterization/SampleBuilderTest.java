package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.Pair;
import dev.prag.augmentation.PromptSet;
import dev.prag.llm.LanguageModel;
import dev.prag.llm.ModelFolder;
import dev.prag.lora.Scope;
import dev.prag.tensor.DType;
import dev.prag.tensor.plain.PlainDevice;
import dev.prag.training.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleBuilderTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path GOLDENS = Path.of("src/test/resources/demo");

    @TempDir
    static Path folder;

    private static PlainDevice device;
    private static LanguageModel model;

    @BeforeAll
    static void open() {
        device = new PlainDevice();
        model = LanguageModel.open(ModelFolder.open(Path.of("src/main/demo/model")), device, DType.F32);
    }

    @AfterAll
    static void close() {
        model.close();
        device.close();
    }

    @Test
    void samplesOfTheGoldenPassageInOrder() throws IOException {
        JsonNode golden = JSON.readTree(GOLDENS.resolve("golden-samples.json").toFile());
        List<String> rewrites = new ArrayList<>();
        golden.get("rewrites").forEach(rewrite -> rewrites.add(rewrite.asText()));
        List<Pair> pairs = new ArrayList<>();
        for (JsonNode pair : golden.get("pairs")) {
            pairs.add(new Pair(
                    pair.get("question").asText(),
                    pair.get("answer").asText(),
                    pair.get("full_answer").asText()));
        }
        List<Sample> samples = new SampleBuilder(model, PromptSet.named("demo"), false)
                .build(golden.get("passage").asText(), new Augmentation(rewrites, pairs, List.of()));
        assertEquals(golden.get("samples").size(), samples.size());
        for (int i = 0; i < samples.size(); i++) {
            Sample sample = samples.get(i);
            assertArrayEquals(
                    JSON.convertValue(golden.at("/samples/" + i + "/ids"), int[].class), sample.ids(), "sample " + i);
            String answer = model.tokenizer()
                    .decode(Arrays.copyOfRange(sample.ids(), sample.answerFrom(), sample.ids().length), true);
            assertTrue(answer.startsWith("The answer is "), answer);
        }
    }

    @Test
    void answerPromptsAreTheGoldenOnes() throws IOException {
        JsonNode golden = JSON.readTree(GOLDENS.resolve("golden-encode.json").toFile());
        PromptSet prompts = PromptSet.named("demo");
        for (JsonNode answer : golden.get("answers_with_the_adapter")) {
            assertArrayEquals(
                    JSON.convertValue(answer.get("prompt_ids"), int[].class),
                    prompts.answerIds(model, List.of(), answer.get("question").asText(), false));
        }
    }

    @Test
    void anOddPairIsAskedWithThePassage() {
        List<Pair> three = List.of(new Pair("A?", "a", "a."), new Pair("B?", "b", "b."), new Pair("C?", "c", "c."));
        SampleBuilder builder = new SampleBuilder(model, PromptSet.named("demo"), false);
        Augmentation augmentation = new Augmentation(List.of("Other."), three, List.of());
        assertEquals(2 * 2 + 1, builder.build("Text.", augmentation).size());
        assertEquals(
                0,
                builder.build("Text.", new Augmentation(List.of(), List.of(), List.of()))
                        .size());
    }

    private static final List<Pair> FOUR = List.of(
            new Pair("A?", "a", "a."), new Pair("B?", "b", "b."), new Pair("C?", "c", "c."), new Pair("D?", "d", "d."));

    private static List<String> built(String training) throws IOException {
        return built(recipe(training)).stream()
                .map(sample -> decoded(sample, 0)
                        + (sample.teacher() == null ? "" : " TAUGHT " + decoded(sample.teacher(), 0)))
                .toList();
    }

    /** From a token on. */
    private static String decoded(Sample sample, int from) {
        return model.tokenizer().decode(Arrays.copyOfRange(sample.ids(), from, sample.ids().length), true);
    }

    private static List<Sample> built(Recipe recipe) {
        return SampleBuilder.of(model, recipe)
                .build("The passage.", new Augmentation(List.of("The rewrite."), FOUR, List.of()));
    }

    private static Recipe recipe(String training) throws IOException {
        ObjectNode node = (ObjectNode) JSON.readTree(Recipe.load("demo").toJson());
        ((ObjectNode) node.get("training")).setAll((ObjectNode) JSON.readTree(training));
        Path file = Files.writeString(folder.resolve("recipe.json"), node.toString());
        return Recipe.load(file.toString());
    }

    @Test
    void formsSayWhichSamplesHoldThePassage() throws IOException {
        assertEquals(6, built("{\"samples\": \"half\"}").size());
        assertEquals(built("{}"), built("{\"samples\": \"half\"}"));
        List<String> none = built("{\"samples\": \"none\"}");
        assertEquals(4, none.size());
        assertTrue(none.stream().noneMatch(sample -> sample.contains("The passage.")));
        List<String> all = built("{\"samples\": \"all\"}");
        assertEquals(8, all.size());
        assertEquals(
                4,
                all.stream().filter(sample -> sample.contains("The passage.")).count());
        assertEquals(
                4,
                all.stream().filter(sample -> sample.contains("The rewrite.")).count());
        List<String> others = built("{\"samples\": \"among-others\"}");
        assertEquals(8, others.size());
        Set<List<String>> beside = new HashSet<>();
        for (int i = 0; i < 8; i++) {
            String sample = others.get(i);
            List<String> found = Stream.concat(Stream.of("The passage."), Neutral.shipped().passages().stream())
                    .filter(sample::contains)
                    .sorted(Comparator.comparing(sample::indexOf))
                    .toList();
            assertEquals(i % 2 == 0 ? 0 : 3, found.size(), sample);
            if (i % 2 == 1) {
                assertEquals(i / 2 % 2, found.indexOf("The passage."), sample);
                beside.add(found.stream()
                        .filter(text -> !text.equals("The passage."))
                        .toList());
            }
        }
        assertEquals(1, beside.size(), beside::toString);
        assertEquals(others, built("{\"samples\": \"among-others\"}"));
    }

    @Test
    void aTeacherReadsThePassageBeforeTheSameAnswer() throws IOException {
        for (String sample : built("{\"samples\": \"none\", \"loss\": {\"distillation\": 1}}")) {
            String[] parts = sample.split(" TAUGHT ");
            assertTrue(!parts[0].contains("The passage.") && parts[1].contains("The passage."), sample);
            assertEquals(
                    parts[0].substring(parts[0].indexOf("The answer is")),
                    parts[1].substring(parts[1].indexOf("The answer is")));
        }
    }

    /** As in answering, where what an answer begins with is given. */
    @Test
    void behindPromptsOfTheBaseModelAnAnswerBeginsWithItsOwnWords() throws IOException {
        Recipe recipe = recipe(
                "{\"lossOn\": \"answer\", \"scope\": \"answer\", \"samples\": \"none\", \"loss\": {\"distillation\": 1}}");
        assertNotEquals(
                recipe("{\"lossOn\": \"answer\", \"samples\": \"none\", \"loss\": {\"distillation\": 1}}")
                        .hash(),
                recipe.hash());
        List<Sample> samples = built(recipe);
        for (int i = 0; i < FOUR.size(); i++) {
            Sample sample = samples.get(i);
            assertEquals(
                    " " + FOUR.get(i).answer() + ".",
                    decoded(sample, sample.answerFrom()).stripTrailing());
            assertEquals(
                    " " + FOUR.get(i).answer() + ".",
                    decoded(sample.teacher(), sample.teacher().answerFrom()).stripTrailing());
            int[] asked =
                    recipe.prompts().answerIds(model, List.of(), FOUR.get(i).question(), false);
            assertArrayEquals(asked, Arrays.copyOf(sample.ids(), sample.answerFrom()));
        }
    }

    @Test
    void whatIsHeldBackIsNotLearned() {
        ValidationSettings quarter = new ValidationSettings(0.25, 1);
        assertEquals(0, quarter.of(2));
        assertEquals(1, quarter.of(3));
        assertEquals(3, quarter.of(13));
        SampleBuilder builder = new SampleBuilder(
                model,
                PromptSet.named("demo"),
                false,
                SampleForm.NONE,
                false,
                new ValidationSettings(0.5, 1),
                true,
                true,
                Scope.PROMPT);
        SampleBuilder.Samples samples = builder.split("Text.", new Augmentation(List.of(), FOUR, List.of()));
        assertEquals(List.of("A", "C"), letters(samples.learned()));
        assertEquals(List.of("B", "D"), letters(samples.validation()));
        assertEquals(samples.validation(), samples.asked());
        SampleBuilder plain = new SampleBuilder(model, PromptSet.named("demo"), false);
        SampleBuilder.Samples all = plain.split("Text.", new Augmentation(List.of(), FOUR, List.of()));
        assertEquals(List.of("A", "B", "C", "D"), letters(all.asked()));
        assertEquals(List.of(), all.validation());
    }

    @Test
    void withoutPairsASampleIsATextFromItsBeginningToItsEnd() {
        Augmentation made = new Augmentation(List.of("Said anew.", "Said again."), FOUR, List.of());
        SampleBuilder.Samples samples = without(true, false).split("The text.", made);
        List<String> texts = List.of("The text.", "Said anew.", "Said again.");
        assertEquals(texts.size(), samples.learned().size());
        for (int i = 0; i < texts.size(); i++) {
            Sample sample = samples.learned().get(i);
            assertArrayEquals(model.tokenizer().encodeText(texts.get(i), true), sample.ids());
            assertEquals(1, sample.answerFrom(), "every token is learned but the first, which nothing predicts");
            assertEquals(null, sample.teacher());
        }
        assertEquals(List.of(), samples.validation());
        assertEquals(List.of("A", "B", "C", "D"), letters(samples.asked()), "pairs that aren't learned can be asked");

        SampleBuilder.Samples alone = without(false, false).split("The text.", made);
        assertEquals(1, alone.learned().size());
        assertArrayEquals(
                model.tokenizer().encodeText("The text.", true),
                alone.learned().getFirst().ids());
        SampleBuilder.Samples unasked =
                without(true, false).split("The text.", new Augmentation(List.of(), List.of(), List.of()));
        assertEquals(1, unasked.learned().size());
        assertArrayEquals(
                unasked.learned().getFirst().ids(), unasked.asked().getFirst().ids());
    }

    @Test
    void withoutRewritesAPairIsAskedOverThePassageAlone() {
        Augmentation made = new Augmentation(List.of("Said anew."), FOUR, List.of());
        List<Sample> samples = without(false, true).split("The text.", made).learned();
        assertEquals(List.of("A", "B", "C", "D"), letters(samples));
        List<String> texts = samples.stream()
                .map(sample -> model.tokenizer().decode(sample.ids(), true))
                .toList();
        assertTrue(texts.stream().noneMatch(text -> text.contains("Said anew.")), texts.toString());
        assertEquals(
                2, texts.stream().filter(text -> text.contains("The text.")).count());
    }

    private static SampleBuilder without(boolean rewrites, boolean pairs) {
        return new SampleBuilder(
                model, PromptSet.named("demo"), false, SampleForm.HALF, false, null, rewrites, pairs, Scope.PROMPT);
    }

    /** Of the questions, by which the pairs are known. */
    private static List<String> letters(List<Sample> samples) {
        return samples.stream()
                .map(sample -> model.tokenizer().decode(sample.ids(), true))
                .map(text -> text.substring(text.indexOf('?') - 1, text.indexOf('?')))
                .toList();
    }
}
