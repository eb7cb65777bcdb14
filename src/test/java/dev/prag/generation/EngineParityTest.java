package dev.prag.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.llm.TestDevice;
import dev.prag.lora.Composition;
import dev.prag.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the engine writes is what transformers and PEFT write. */
@Timeout(120)
class EngineParityTest {
    private static final TestDevice FASTEST = TestDevice.CPU;

    /** Small blocks, chunks and few places, so that prompts are cut and requests wait for each other. */
    private static EngineSettings tight() {
        return new EngineSettings(400, 3, 20, 32, 8, 90);
    }

    static Stream<Arguments> models() {
        return TestModel.REFERENCE.stream()
                .flatMap(model -> Stream.of(TestDevice.values()).map(device -> Arguments.of(model, device)));
    }

    private record Case(JsonNode golden, Generation generation) {
        void check() {
            GenerationResult result = generation.join();
            assertArrayEquals(
                    TestModel.ints(golden.get("ids")),
                    result.ids(),
                    golden.path("name").asText());
            assertArrayEquals(TestModel.floats(golden.get("logprobs")), result.logprobs(), 1e-3f);
            assertEquals(Finish.LENGTH, result.finish());
        }
    }

    private static GenerationRequest request(JsonNode golden) {
        return GenerationRequest.greedy(
                        TestModel.ints(golden.get("prompt")), golden.get("ids").size())
                .ignoringEos();
    }

    @ParameterizedTest
    @MethodSource("models")
    void greedy(String name, TestDevice device) {
        try (TestModel model = TestModel.reference(name, device, DType.F32);
                GenerationEngine engine = model.engine(tight())) {
            List<Case> cases = new ArrayList<>();
            for (JsonNode golden : TestModel.json(TestModel.goldens(name).resolve("greedy.json"))) {
                cases.add(new Case(golden, engine.submit(request(golden), TokenListener.NONE)));
            }
            cases.forEach(Case::check);
            assertEquals(90, engine.statistics().freeBlocks());
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void compositionsShareABatch(String name, TestDevice device) {
        try (TestModel model = TestModel.reference(name, device, DType.F32);
                GenerationEngine engine = model.engine(tight())) {
            Map<String, Composition.Term> terms = new HashMap<>();
            List<Case> cases = new ArrayList<>();
            for (JsonNode golden : TestModel.json(TestModel.goldens(name).resolve("composition.json"))) {
                if (golden.get("combination").asText().equals("linear")) {
                    continue;
                }
                List<Composition.Term> of = new ArrayList<>();
                for (int i = 0; i < golden.get("adapters").size(); i++) {
                    String adapter = golden.get("adapters").get(i).asText();
                    Composition.Term one = terms.computeIfAbsent(adapter, a -> model.term(a, 1));
                    of.add(new Composition.Term(
                            one.adapter(), golden.get("weights").get(i).floatValue()));
                }
                cases.add(
                        new Case(golden, engine.submit(request(golden).with(new Composition(of)), TokenListener.NONE)));
            }
            assertEquals(5, cases.size());
            cases.forEach(Case::check);
        }
    }

    @Test
    void demoModelInF32() {
        assertEquals(0, demoDifferences(DType.F32));
    }

    /** Rounding may turn a close choice in bf16. */
    @Test
    void demoModelInBf16() {
        int differences = demoDifferences(DType.BF16);
        assertTrue(differences <= 3, differences + " of 26 continuations differ");
    }

    /** Quantised weights turn some more; most answers of the demo are the same. */
    @Test
    void demoModelInInt8() {
        int differences = demoDifferences(DType.I8);
        assertTrue(differences <= 5, differences + " of 26 continuations differ");
    }

    private static int demoDifferences(DType compute) {
        JsonNode goldens = TestModel.json(Path.of("src/test/resources/demo/golden-generate.json"));
        int different = 0;
        try (TestModel model = new TestModel(TestModel.DEMO, FASTEST, compute, 1024);
                GenerationEngine engine = model.engine(EngineSettings.of(1024, 8))) {
            List<Generation> generations = new ArrayList<>();
            for (JsonNode golden : goldens) {
                generations.add(engine.submit(
                        GenerationRequest.greedy(TestModel.ints(golden.get("prompt_ids")), 250), TokenListener.NONE));
            }
            for (int i = 0; i < goldens.size(); i++) {
                GenerationResult result = generations.get(i).join();
                assertEquals(Finish.STOP, result.finish());
                if (!goldens.get(i).get("text").asText().equals(result.text())) {
                    different++;
                }
            }
        }
        return different;
    }
}
