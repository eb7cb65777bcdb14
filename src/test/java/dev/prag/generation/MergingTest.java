package dev.prag.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.llm.TestDevice;
import dev.prag.lora.Composition;
import dev.prag.lora.Scope;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;
import dev.prag.tensor.Weight;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Compositions merged into a copy of the weights while the engine runs. */
@Timeout(120)
class MergingTest {
    private static final String MODEL = "tiny-llama-3.1";
    private static final long MEMORY = 1L << 30;
    private static final MergeSettings CLOSE = new MergeSettings(1e-4f, MEMORY);
    private static final int PROMPT = 30;
    private static final int TOKENS = 48;

    /** Small blocks, so that a prompt has some. */
    private static EngineSettings settings() {
        return new EngineSettings(200, 4, 20, 24, 8, 100);
    }

    /** An engine for which merging pays from the second token on that it feeds back. */
    private static GenerationEngine eager(TestModel model, MergeSettings merging) {
        return engine(model, merging, new FixedCosts(0, 1));
    }

    private static GenerationEngine engine(TestModel model, MergeSettings merging, MergeCosts costs) {
        return model.engine(
                new MergingStepper(new DecoderStepper(model.decoder, settings()), merging, costs), settings());
    }

    private static Composition weighted(TestModel model) {
        return new Composition(List.of(model.term("1", 0.5f), model.term("foreign", 0.7f)));
    }

    private static GenerationRequest request(Composition composition, int seed) {
        return request(composition, seed, TOKENS);
    }

    private static GenerationRequest request(Composition composition, int seed, int tokens) {
        int[] prompt = new Random(seed).ints(PROMPT, 0, 900).toArray();
        return GenerationRequest.greedy(prompt, tokens).ignoringEos().with(composition);
    }

    private static GenerationResult alone(TestModel model, GenerationRequest request) {
        try (GenerationEngine engine = model.engine(settings())) {
            return engine.generate(request);
        }
    }

    private static void assertSame(GenerationResult expected, GenerationResult actual, float tolerance) {
        assertArrayEquals(expected.ids(), actual.ids());
        assertArrayEquals(expected.logprobs(), actual.logprobs(), tolerance);
        assertEquals(expected.text(), actual.text());
    }

    /** Does something when a token comes. */
    private record OnToken(Consumer<Integer> action) implements TokenListener {
        @Override
        public void onToken(int id, String text, float logprob) {
            action.accept(id);
        }

        @Override
        public void onRest(String text) {}

        @Override
        public void onDone(GenerationResult result) {}

        @Override
        public void onError(RuntimeException error) {}
    }

    /** All models where that is quick; CUDA's stand-in takes one. */
    static Stream<Arguments> everywhere() {
        return TestModel.REFERENCE.stream().flatMap(model -> Stream.of(TestDevice.values())
                .filter(device -> device != TestDevice.CUDA || model.equals(TestModel.REFERENCE.getFirst()))
                .map(device -> Arguments.of(model, device)));
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void aCopyWritesWhatTheSideBranchWrites(String name, TestDevice device) {
        try (TestModel model = TestModel.reference(name, device, DType.F32);
                GenerationEngine engine = eager(model, CLOSE)) {
            GenerationRequest request = request(weighted(model), 1);
            assertSame(alone(model, request), engine.generate(request), 1e-4f);
            // The first token comes from the prompt, the next by the side branch.
            assertEquals(
                    new MergeStatistics(1, 0, TOKENS - 2), engine.statistics().merges());
        }
    }

    /** The copy never computes a prompt, so keys and values of one stay the base model's. */
    @ParameterizedTest
    @EnumSource
    void aCopyWritesInTheAnswerOnly(TestDevice device) {
        try (TestModel model = TestModel.reference(MODEL, device, DType.F32);
                GenerationEngine engine = eager(model, CLOSE)) {
            GenerationRequest request = request(weighted(model), 1).with(Scope.ANSWER);
            GenerationResult alone = alone(model, request);
            assertFalse(Arrays.equals(
                    alone.logprobs(), alone(model, request.with(Scope.PROMPT)).logprobs()));
            assertSame(alone, engine.generate(request), 1e-4f);
            assertEquals(
                    new MergeStatistics(1, 0, TOKENS - 2), engine.statistics().merges());
            // What the copy has left of the prompt serves the base model.
            GenerationRequest base = request.with(Composition.NONE);
            assertSame(alone(model, base), engine.generate(base), 1e-4f);
            assertEquals(24, engine.statistics().reusedRows());
        }
    }

    @ParameterizedTest
    @EnumSource
    void sampledTokensAreTheSame(TestDevice device) {
        try (TestModel model = TestModel.reference(MODEL, device, DType.F32);
                GenerationEngine engine = eager(model, CLOSE)) {
            GenerationRequest request = request(weighted(model), 2).with(new Sampling(0.8f, 20, 0.9f, 1.1f, 7));
            assertSame(alone(model, request), engine.generate(request), 1e-4f);
            assertEquals(1, engine.statistics().merges().made());
        }
    }

    /** A copy rounds the update in bf16, which a bound of nearly nothing forbids; in int8 more so. */
    @ParameterizedTest
    @CsvSource({"CPU, BF16", "CPU, I8", "PLAIN, I8"})
    void aCopyThatRoundsTooMuchIsRefused(TestDevice device, DType compute) {
        // The check runs rows together that were run one by one, which the kernels of the CPU round differently.
        float tolerance = device == TestDevice.PLAIN ? 0 : 0.02f;
        try (TestModel model = TestModel.reference(MODEL, device, compute)) {
            GenerationRequest request = request(weighted(model), 1);
            GenerationResult alone = alone(model, request);
            FixedCosts costs = new FixedCosts(10, 1);
            try (GenerationEngine engine = engine(model, new MergeSettings(1e-7f, MEMORY), costs)) {
                assertSame(alone, engine.generate(request), tolerance);
                assertSame(alone, engine.generate(request), tolerance);
                assertEquals(new MergeStatistics(0, 1, 0), engine.statistics().merges());
                assertEquals(1, costs.merges);
            }
            try (GenerationEngine engine = engine(model, new MergeSettings(1, MEMORY), costs)) {
                GenerationResult merged = engine.generate(request);
                assertEquals(
                        new MergeStatistics(1, 0, TOKENS - 22),
                        engine.statistics().merges());
                assertEquals(alone.ids()[20], merged.ids()[20]);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoJoinsInTheMiddleGetsWhatItGetsAlone(TestDevice device) {
        try (TestModel model = TestModel.reference(MODEL, device, DType.F32);
                GenerationEngine engine = eager(model, CLOSE)) {
            Composition composition = weighted(model);
            List<GenerationRequest> requests = List.of(
                    request(composition, 1),
                    request(new Composition(List.of(model.term("0", 1))), 2, 10),
                    request(composition, 3));
            List<Generation> joined = new ArrayList<>();
            int[] heard = {0};
            Generation first = engine.submit(requests.get(0), new OnToken(id -> {
                // One of another composition at first, and when that has left one of the same.
                if (++heard[0] == 10 || heard[0] == 30) {
                    joined.add(engine.submit(requests.get(joined.size() + 1), TokenListener.NONE));
                }
            }));
            assertSame(alone(model, requests.get(0)), first.join(), 2e-4f);
            assertSame(alone(model, requests.get(1)), joined.get(0).join(), 2e-4f);
            assertSame(alone(model, requests.get(2)), joined.get(1).join(), 2e-4f);
            MergeStatistics merges = engine.statistics().merges();
            assertEquals(1, merges.made());
            // All that the first and the third have fed back, but for a token, the steps of the second and the prompts.
            assertTrue(merges.tokens() > TOKENS - 10 && merges.tokens() < 2 * TOKENS - 10, merges.toString());
        }
    }

    /** What a copy has computed is never found by a prompt that begins alike. */
    @ParameterizedTest
    @EnumSource
    void rowsOfACopyAreNotShared(TestDevice device) {
        try (TestModel model = TestModel.reference(MODEL, device, DType.F32);
                GenerationEngine engine = eager(model, CLOSE)) {
            GenerationRequest request = request(weighted(model), 1);
            int[] written = engine.generate(request).ids();
            assertEquals(1, engine.statistics().merges().made());
            int[] all = Arrays.copyOf(request.prompt(), PROMPT + TOKENS);
            System.arraycopy(written, 0, all, PROMPT, TOKENS);
            engine.generate(GenerationRequest.greedy(all, 1).with(request.composition()));
            assertEquals(PROMPT / 8 * 8, engine.statistics().reusedRows());
        }
    }

    /** That a row is timed without its side branch leaves no trace. */
    @ParameterizedTest
    @EnumSource
    void measuringChangesNothing(TestDevice device) {
        float tolerance = device == TestDevice.PLAIN ? 0 : 1e-4f;
        try (TestModel model = TestModel.reference(MODEL, device, DType.F32)) {
            FixedCosts costs = new FixedCosts(0, 0);
            costs.wantsPairs = true;
            GenerationRequest request = request(weighted(model), 1, 160);
            try (GenerationEngine engine = engine(model, CLOSE, costs)) {
                assertSame(alone(model, request), engine.generate(request), tolerance);
                assertEquals(MergeStatistics.NONE, engine.statistics().merges());
            }
            // From the 64th token that was fed back until 63 are left.
            assertEquals(160 - 2 * MergePolicy.LONG, costs.pairs);
        }
    }

    /** By what the machine measures, whatever that makes of it. */
    @ParameterizedTest
    @EnumSource
    void measuredCostsChangeNothing(TestDevice device) {
        try (TestModel model = TestModel.reference(MODEL, device, DType.F32);
                GenerationEngine engine = model.engine(settings().withMerging(CLOSE))) {
            GenerationRequest request = request(weighted(model), 1, 160);
            GenerationResult alone = alone(model, request);
            assertSame(alone, engine.generate(request), 1e-4f);
            assertSame(alone, engine.generate(request), 1e-4f);
        }
    }

    @Test
    void nothingIsMergedUnlessADifferenceIsAllowed() {
        assertEquals(MergeSettings.OFF, EngineSettings.of(100, 2).merging());
        Merges merges = new Merges(TestDevice.PLAIN);
        try (TestModel model = TestModel.reference(MODEL, merges.device(), DType.F32);
                GenerationEngine engine = model.engine(settings())) {
            engine.generate(request(weighted(model), 1));
            assertEquals(MergeStatistics.NONE, engine.statistics().merges());
        }
        assertEquals(0, merges.weights.size());
    }

    @Test
    void theBaseModelNeedsNoCopy() {
        try (TestModel model = TestModel.reference(MODEL, TestDevice.PLAIN, DType.F32);
                GenerationEngine engine = eager(model, CLOSE)) {
            engine.generate(request(Composition.NONE, 1));
            assertEquals(MergeStatistics.NONE, engine.statistics().merges());
        }
    }

    /** Records merged weights, or fails instead. */
    private static final class Merges {
        final List<Weight> weights = new ArrayList<>();
        private final Device below;
        int failAt = -1;

        Merges(TestDevice device) {
            below = device.open();
        }

        Device device() {
            return (Device) Proxy.newProxyInstance(
                    Device.class.getClassLoader(), new Class<?>[] {Device.class}, (proxy, method, args) -> {
                        try {
                            if (!method.getName().equals("merge")) {
                                return method.invoke(below, args);
                            }
                            if (weights.size() == failAt) {
                                throw new OutOfMemoryError("asked for by the test");
                            }
                            Weight weight = (Weight) method.invoke(below, args);
                            weights.add(weight);
                            return weight;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        boolean open(Weight weight) {
            try (Tensor row = below.allocate(DType.F32, 1, weight.in());
                    Tensor id = below.allocate(DType.I32, 1, 1)) {
                below.embed(row, weight, id);
                return true;
            } catch (IllegalStateException e) {
                assertTrue(e.getMessage().contains("closed"), e.getMessage());
                return false;
            }
        }

        long open() {
            return weights.stream().filter(this::open).count();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCopyStaysWhileItsCompositionComesAgain(TestDevice device) {
        Merges merges = new Merges(device);
        try (TestModel model = TestModel.reference(MODEL, merges.device(), DType.F32)) {
            Composition composition = weighted(model);
            GenerationRequest request = request(composition, 1);
            try (GenerationEngine engine = eager(model, CLOSE)) {
                int[] heard = {0};
                // Submitted by the engine's own thread, so that the handle is there before the first token.
                List<Generation> cancelled = new ArrayList<>();
                engine.submit(
                                GenerationRequest.greedy(new int[] {5}, 1),
                                new OnToken(id -> cancelled.add(engine.submit(request, new OnToken(other -> {
                                    if (++heard[0] == 20) {
                                        cancelled.getFirst().cancel();
                                    }
                                })))))
                        .join();
                assertEquals(Finish.CANCELLED, cancelled.getFirst().join().finish());
                int perCopy = merges.weights.size();
                assertTrue(perCopy > 0);
                assertEquals(perCopy, merges.open());

                engine.generate(request(new Composition(composition.terms()), 1, 5));
                assertEquals(perCopy, merges.weights.size());
                assertEquals(perCopy, merges.open());
                assertEquals(18 + 4, engine.statistics().merges().tokens());

                engine.generate(GenerationRequest.greedy(new int[] {5}, 1));
                assertEquals(0, merges.open());
                // The same again: what it has written before counts.
                engine.generate(request);
                assertEquals(2 * perCopy, merges.weights.size());
                assertEquals(2, engine.statistics().merges().made());
                assertEquals(perCopy, merges.open());
            }
            assertEquals(0, merges.open());
        }
    }

    @ParameterizedTest
    @EnumSource
    void withoutMemoryTheSideBranchGoesOn(TestDevice device) {
        Merges merges = new Merges(device);
        try (TestModel model = TestModel.reference(MODEL, merges.device(), DType.F32);
                GenerationEngine engine = eager(model, CLOSE)) {
            merges.failAt = 3;
            GenerationRequest request = request(weighted(model), 1);
            assertSame(alone(model, request), engine.generate(request), device == TestDevice.PLAIN ? 0 : 1e-4f);
            assertEquals(MergeStatistics.NONE, engine.statistics().merges());
            assertEquals(3, merges.weights.size());
            assertEquals(0, merges.open());

            merges.failAt = -1;
            Composition other = new Composition(List.of(model.term("0", 1)));
            assertSame(alone(model, request.with(other)), engine.generate(request.with(other)), 1e-4f);
            assertEquals(1, engine.statistics().merges().made());
        }
    }
}
