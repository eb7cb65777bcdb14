package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.Pair;
import dev.prag.augmentation.PromptSet;
import dev.prag.llm.LanguageModel;
import dev.prag.llm.ModelFolder;
import dev.prag.tensor.DType;
import dev.prag.tensor.plain.PlainDevice;
import dev.prag.training.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SampleBuilderTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path GOLDENS = Path.of("src/test/resources/demo");

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
}
