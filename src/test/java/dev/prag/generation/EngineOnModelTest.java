package dev.prag.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.llm.Batch;
import dev.prag.llm.TestDevice;
import dev.prag.lora.Composition;
import dev.prag.tensor.DType;
import dev.prag.tensor.SamplingRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The engine on a tiny model: neighbours, seeds, text, leaks. */
@Timeout(120)
class EngineOnModelTest {
    private static final TestDevice FASTEST = TestDevice.values()[TestDevice.values().length - 1];

    private static final String MODEL = "tiny-llama-3.1";

    private static EngineSettings settings(int sequences) {
        return new EngineSettings(200, sequences, 200, 24, 8, 60);
    }

    /** Requests of all kinds; the same for the same seed. */
    private static List<GenerationRequest> requests(TestModel model, int count, long seed) {
        Random random = new Random(seed);
        List<Composition> compositions = List.of(
                Composition.NONE,
                new Composition(List.of(model.term("0", 1))),
                new Composition(List.of(model.term("1", 0.5f), model.term("foreign", 0.7f))));
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean samples = random.nextBoolean();
            Sampling sampling = samples
                    ? new Sampling(
                            0.5f + random.nextFloat(),
                            random.nextBoolean() ? 0 : 20,
                            random.nextBoolean() ? 1 : 0.9f,
                            random.nextBoolean() ? 1 : 1.2f,
                            random.nextLong())
                    : Sampling.GREEDY;
            requests.add(new GenerationRequest(
                    random.ints(1 + random.nextInt(70), 0, 900).toArray(),
                    1 + random.nextInt(16),
                    sampling,
                    List.of(),
                    Set.of(),
                    random.nextInt(3) > 0,
                    compositions.get(random.nextInt(compositions.size()))));
        }
        return requests;
    }

    /** On the plain device exactly; on the CPU, whose kernels depend on the number of rows, within rounding. */
    @ParameterizedTest
    @EnumSource
    void neighboursChangeNothing(TestDevice device) {
        float tolerance = device == TestDevice.PLAIN ? 0 : 2e-4f;
        try (TestModel model = TestModel.reference(MODEL, device, DType.F32)) {
            List<GenerationRequest> requests = requests(model, 12, 5);
            List<GenerationResult> alone = new ArrayList<>();
            try (GenerationEngine engine = model.engine(settings(1))) {
                requests.forEach(r -> alone.add(engine.generate(r)));
            }
            try (GenerationEngine engine = model.engine(settings(6))) {
                List<Generation> together = requests.stream()
                        .map(r -> engine.submit(r, TokenListener.NONE))
                        .toList();
                for (int i = 0; i < requests.size(); i++) {
                    GenerationResult result = together.get(i).join();
                    assertArrayEquals(alone.get(i).ids(), result.ids());
                    assertEquals(alone.get(i).text(), result.text());
                    assertArrayEquals(alone.get(i).logprobs(), result.logprobs(), tolerance);
                }
                assertTrue(engine.statistics().rows() > 2 * engine.statistics().steps(), "nothing shared a step");
            }
        }
    }

    /** The most probable tokens are told of to those who ask, as many as each asks for, whoever shares the batch. */
    @ParameterizedTest
    @EnumSource
    void topTokensAreThoseThatTheScorerFinds(TestDevice device) {
        try (TestModel model = TestModel.reference(MODEL, device, DType.F32);
                GenerationEngine engine = model.engine(settings(4));
                Scorer scorer = new Scorer(model.decoder)) {
            int[] prompt = {5, 6, 7, 8};
            GenerationRequest plain = GenerationRequest.greedy(prompt, 6).ignoringEos();
            List<Tops> heard = List.of(new Tops(), new Tops(), new Tops());
            List<Generation> running = List.of(
                    engine.submit(plain.withTopLogprobs(3), heard.get(0)),
                    engine.submit(plain, heard.get(1)),
                    engine.submit(plain.with(Sampling.of(2, 5)).withTopLogprobs(1), heard.get(2)));
            int[] written = running.getFirst().join().ids();
            running.forEach(Generation::join);
            int[] all = Arrays.copyOf(prompt, prompt.length + written.length);
            System.arraycopy(written, 0, all, prompt.length, written.length);
            List<Scorer.Top> expected = scorer.score(all, Composition.NONE, 3).top();
            for (int i = 0; i < written.length; i++) {
                Scorer.Top top = heard.get(0).tops.get(i);
                assertArrayEquals(expected.get(prompt.length - 1 + i).ids(), top.ids());
                assertArrayEquals(expected.get(prompt.length - 1 + i).logprobs(), top.logprobs(), 2e-3f);
                assertEquals(written[i], top.ids()[0]);
                assertNull(heard.get(1).tops.get(i));
                assertEquals(1, heard.get(2).tops.get(i).ids().length);
            }
            assertThrows(
                    UserException.class,
                    () -> engine.submit(plain.withTopLogprobs(Integer.MAX_VALUE), TokenListener.NONE));
            assertThrows(UserException.class, () -> plain.withTopLogprobs(-1));
        }
    }

    private static final class Tops implements TokenListener {
        final List<Scorer.Top> tops = new ArrayList<>();

        @Override
        public void onToken(int id, String text, float logprob, Scorer.Top top) {
            tops.add(top);
        }

        @Override
        public void onToken(int id, String text, float logprob) {}

        @Override
        public void onRest(String text) {}

        @Override
        public void onDone(GenerationResult result) {}

        @Override
        public void onError(RuntimeException error) {}
    }

    /**
     * Prompts that begin alike, under three compositions, in one engine and each in an engine of its own. On the plain
     * device exactly the same.
     */
    @ParameterizedTest
    @EnumSource
    void aSharedPrefixChangesNothing(TestDevice device) {
        float tolerance = device == TestDevice.PLAIN ? 0 : 2e-4f;
        try (TestModel model = TestModel.reference(MODEL, device, DType.F32)) {
            Random random = new Random(11);
            int[] common = random.ints(60, 0, 900).toArray();
            List<GenerationRequest> requests = new ArrayList<>();
            for (GenerationRequest request : requests(model, 12, 6)) {
                int[] prompt = Arrays.copyOf(common, 40 + random.nextInt(20) + request.prompt().length);
                System.arraycopy(
                        request.prompt(), 0, prompt, prompt.length - request.prompt().length, request.prompt().length);
                requests.add(new GenerationRequest(
                        prompt,
                        request.maxNewTokens(),
                        request.sampling(),
                        List.of(),
                        Set.of(),
                        request.ignoreEos(),
                        request.composition()));
            }
            List<Generation> together;
            try (GenerationEngine engine = model.engine(settings(4))) {
                together = requests.stream()
                        .map(r -> engine.submit(r, TokenListener.NONE))
                        .toList();
                together.forEach(Generation::join);
                assertTrue(engine.statistics().reusedRows() > 4 * 40, "nothing was shared");
            }
            for (int i = 0; i < requests.size(); i++) {
                try (GenerationEngine engine = model.engine(settings(1))) {
                    GenerationResult alone = engine.generate(requests.get(i));
                    assertEquals(0, engine.statistics().reusedRows());
                    assertArrayEquals(alone.ids(), together.get(i).join().ids());
                    assertArrayEquals(alone.logprobs(), together.get(i).join().logprobs(), tolerance);
                }
            }
        }
    }

    @Test
    void seedsDecide() {
        try (TestModel model = TestModel.reference(MODEL, TestDevice.PLAIN, DType.F32);
                GenerationEngine engine = model.engine(settings(4))) {
            GenerationRequest request =
                    GenerationRequest.greedy(new int[] {5, 77, 300}, 20).ignoringEos();
            int[] first = engine.generate(request.with(Sampling.of(1, 1))).ids();
            int[] again = engine.generate(request.with(Sampling.of(1, 1))).ids();
            int[] other = engine.generate(request.with(Sampling.of(1, 2))).ids();
            assertArrayEquals(first, again);
            assertFalse(Arrays.equals(first, other));
        }
    }

    @Test
    void thePenaltyConcernsPromptAndContinuation() {
        try (TestModel model = TestModel.reference(MODEL, TestDevice.PLAIN, DType.F32);
                GenerationEngine engine = model.engine(settings(4))) {
            int[] prompt = {5, 77, 300};
            Sampling strict = new Sampling(0, 0, 1, 1e6f, 0);
            int[] ids = engine.generate(
                            GenerationRequest.greedy(prompt, 40).ignoringEos().with(strict))
                    .ids();
            int[] all = new int[prompt.length + ids.length];
            System.arraycopy(prompt, 0, all, 0, prompt.length);
            System.arraycopy(ids, 0, all, prompt.length, ids.length);
            assertEquals(all.length, Arrays.stream(all).distinct().count());
        }
    }

    @Test
    void theContextOfTheModelBoundsTheEngines() {
        try (TestModel model = TestModel.reference(MODEL, TestDevice.PLAIN, DType.F32)) {
            UserException e = assertThrows(UserException.class, () -> model.engine(EngineSettings.of(1025, 1)));
            assertTrue(e.getMessage().contains("1025") && e.getMessage().contains("--context 1024"), e.getMessage());
        }
    }

    @Test
    void theCacheKeepsToItsBudget() {
        try (TestModel model = TestModel.reference(MODEL, TestDevice.PLAIN, DType.F32)) {
            // Two layers of keys and values, four heads of 16 elements in f32; 16 positions a block.
            long block = 2 * 2 * 4 * 16 * 4 * 16;
            EngineSettings whole = EngineSettings.of(160, 4);
            assertEquals(40, whole.cacheBlocks());
            assertEquals(
                    13,
                    whole.withCacheBytes(14 * block - 1, model.decoder.config(), DType.F32)
                            .cacheBlocks());
            assertEquals(
                    40,
                    whole.withCacheBytes(1L << 40, model.decoder.config(), DType.F32)
                            .cacheBlocks());
            assertThrows(UserException.class, () -> whole.withCacheBytes(9 * block, model.decoder.config(), DType.F32));
        }
    }

    /** Tokens that end within characters: deltas hold whole characters and make up the text. */
    @Test
    void charactersAreNeverBroken() {
        String text = "é 😀👩‍🚀 日本語 ñ — ok";
        try (TestModel model = TestModel.reference(MODEL, TestDevice.PLAIN, DType.F32)) {
            int[] script = model.tokenizer().encode(text, false);
            assertTrue(script.length > text.codePointCount(0, text.length()), "no character is split");
            AtomicInteger next = new AtomicInteger();
            Stepper scripted = new Stepper() {
                @Override
                public Chosen step(Batch batch, int[] rows, Supplier<List<SamplingRow>> sampling, Outlook outlook) {
                    return new Chosen(new int[] {script[next.getAndIncrement() % script.length]}, new float[1]);
                }

                @Override
                public void close() {}
            };
            try (GenerationEngine engine = new GenerationEngine(
                    scripted, () -> TokenText.of(model.tokenizer().stream(true)), Set.of(), 912, settings(1))) {
                assertEquals(text, deltas(engine, GenerationRequest.greedy(new int[] {1}, script.length)));
                next.set(0);
                assertEquals(
                        text.substring(0, text.indexOf("語")),
                        deltas(
                                engine,
                                GenerationRequest.greedy(new int[] {1}, script.length)
                                        .withStops(List.of("語 ñ"), Set.of())));
                next.set(0);
                // The first character alone, then one of the four bytes of the next.
                int cut = model.tokenizer().encode("é ", false).length + 1;
                assertEquals("é \uFFFD", deltas(engine, GenerationRequest.greedy(new int[] {1}, cut)));
            }
        }
    }

    private static String deltas(GenerationEngine engine, GenerationRequest request) {
        StringBuilder text = new StringBuilder();
        GenerationResult result = engine.submit(request, new TokenListener() {
                    @Override
                    public void onToken(int id, String piece, float logprob) {
                        if (!piece.isEmpty()) {
                            assertFalse(Character.isLowSurrogate(piece.charAt(0)), piece);
                            assertFalse(Character.isHighSurrogate(piece.charAt(piece.length() - 1)), piece);
                        }
                        text.append(piece);
                    }

                    @Override
                    public void onRest(String piece) {
                        text.append(piece);
                    }

                    @Override
                    public void onDone(GenerationResult r) {}

                    @Override
                    public void onError(RuntimeException e) {}
                })
                .join();
        assertEquals(result.text(), text.toString());
        return result.text();
    }

    @Test
    void nothingLeaksUnderCancellation() {
        try (TestModel model = TestModel.reference(MODEL, FASTEST, DType.F32);
                GenerationEngine engine = model.engine(settings(5))) {
            Random random = new Random(3);
            AtomicInteger released = new AtomicInteger();
            List<Generation> generations = new ArrayList<>();
            for (GenerationRequest request : requests(model, 30, 9)) {
                generations.add(engine.submit(request, TokenListener.NONE, released::incrementAndGet));
                if (random.nextInt(3) == 0) {
                    generations.get(random.nextInt(generations.size())).cancel();
                }
            }
            generations.forEach(Generation::join);
            assertEquals(30, released.get());
            EngineStatistics end = engine.statistics();
            assertEquals(60, end.freeBlocks());
            assertEquals(0, end.running() + end.waiting());
        }
    }
}
