package dev.prag.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.llm.Batch;
import dev.prag.llm.DecoderWorkspace;
import dev.prag.llm.KvCache;
import dev.prag.llm.Segment;
import dev.prag.llm.TestDevice;
import dev.prag.lora.Composition;
import dev.prag.lora.Scope;
import dev.prag.tensor.DType;
import dev.prag.tensor.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters that are in force in the answer only, against two passes made by hand. */
@Timeout(120)
class ScopeTest {
    private static final int BLOCK = 8;
    private static final int TOKENS = 6;

    /** Chunks of 24 rows. */
    private static EngineSettings settings(int sequences) {
        return new EngineSettings(200, sequences, 200, 24, BLOCK, 80);
    }

    /** All models where that is quick; CUDA's stand-in takes one. */
    static Stream<Arguments> everywhere() {
        return TestModel.REFERENCE.stream().flatMap(model -> Stream.of(TestDevice.values())
                .filter(device -> device != TestDevice.CUDA || model.equals(TestModel.REFERENCE.getFirst()))
                .map(device -> Arguments.of(model, device)));
    }

    private static List<GenerationRequest> requests(TestModel model) {
        List<Composition> compositions = List.of(
                new Composition(List.of(model.term("0", 1))),
                new Composition(List.of(model.term("1", 0.5f), model.term("foreign", 0.7f))),
                Composition.NONE);
        List<GenerationRequest> requests = new ArrayList<>();
        for (int length : new int[] {1, 2, BLOCK, BLOCK + 1, 24, 25, 26, 61}) {
            int[] prompt = new Random(length).ints(length, 0, 900).toArray();
            for (Composition composition : compositions) {
                for (Scope scope : Scope.values()) {
                    requests.add(new GenerationRequest(
                            prompt, TOKENS, Sampling.GREEDY, List.of(), Set.of(), true, composition, scope));
                }
            }
        }
        return requests;
    }

    /** The base model over the prompt but for its last token, then the composition, a token at a time. */
    private static GenerationResult byHand(TestModel model, GenerationRequest request) {
        int[] prompt = request.prompt();
        int bare = request.scope() == Scope.PROMPT ? 0 : prompt.length - 1;
        int[] blocks = IntStream.range(0, 30).toArray();
        int[] ids = new int[TOKENS];
        float[] logprobs = new float[TOKENS];
        try (KvCache cache = model.decoder.newCache(30, BLOCK);
                DecoderWorkspace workspace = model.decoder.newWorkspace(prompt.length, 1)) {
            if (bare > 0) {
                Span span = new Span(0, bare, 0, blocks);
                Batch batch = new Batch(Arrays.copyOf(prompt, bare), List.of(new Segment(span, Composition.NONE)));
                model.decoder.forward(batch, workspace, cache);
            }
            int[] next = Arrays.copyOfRange(prompt, bare, prompt.length);
            int position = bare;
            for (int i = 0; i < TOKENS; i++) {
                Span span = new Span(0, next.length, position, blocks);
                model.decoder.forward(
                        new Batch(next, List.of(new Segment(span, request.composition()))), workspace, cache);
                float[] logits =
                        model.decoder.device().read(model.decoder.logits(workspace, new int[] {next.length - 1}));
                int best = 0;
                double total = 0;
                for (int v = 0; v < logits.length; v++) {
                    best = logits[v] > logits[best] ? v : best;
                }
                for (float logit : logits) {
                    total += Math.exp(logit - logits[best]);
                }
                ids[i] = best;
                logprobs[i] = (float) -Math.log(total);
                position += next.length;
                next = new int[] {best};
            }
        }
        return new GenerationResult(ids, "", logprobs, Finish.LENGTH);
    }

    /** Alone and beside others of other compositions and scopes, whose prompts are the same. */
    @ParameterizedTest
    @MethodSource("everywhere")
    void theAnswerAloneIsWrittenUnderTheComposition(String name, TestDevice device) {
        try (TestModel model = TestModel.reference(name, device, DType.F32)) {
            List<GenerationRequest> requests = requests(model);
            List<GenerationResult> expected =
                    requests.stream().map(r -> byHand(model, r)).toList();
            for (int sequences : new int[] {1, 6}) {
                try (GenerationEngine engine = model.engine(settings(sequences))) {
                    List<Generation> running = requests.stream()
                            .map(r -> engine.submit(r, TokenListener.NONE))
                            .toList();
                    for (int i = 0; i < requests.size(); i++) {
                        GenerationResult result = running.get(i).join();
                        assertArrayEquals(expected.get(i).ids(), result.ids());
                        assertArrayEquals(expected.get(i).logprobs(), result.logprobs(), 2e-4f);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void theScorerReadsWhatTheEngineWrote(String name, TestDevice device) {
        try (TestModel model = TestModel.reference(name, device, DType.F32);
                Scorer scorer = new Scorer(model.decoder)) {
            for (GenerationRequest request : requests(model)) {
                GenerationResult written = byHand(model, request);
                int prompt = request.prompt().length;
                int[] all = Arrays.copyOf(request.prompt(), prompt + TOKENS);
                System.arraycopy(written.ids(), 0, all, prompt, TOKENS);
                float[] scores = scorer.score(
                                all, request.composition(), request.scope().from(prompt), 0)
                        .logprobs();
                assertArrayEquals(
                        written.logprobs(), Arrays.copyOfRange(scores, prompt - 1, prompt - 1 + TOKENS), 2e-4f);
            }
        }
    }

    /** A text of several chunks that the scope begins in the middle of, or behind. */
    @Test
    void longTextsAreScoredInChunks() {
        try (TestModel model = TestModel.reference("tiny-llama-3.2", TestDevice.values()[0], DType.F32);
                Scorer scorer = new Scorer(model.decoder)) {
            Composition composition = new Composition(List.of(model.term("0", 1)));
            int[] ids = new Random(4).ints(600, 0, 900).toArray();
            float[] base = scorer.score(ids, Composition.NONE, 0).logprobs();
            for (int scoped : new int[] {1, 255, 256, 257, 300, 599}) {
                float[] scores = scorer.score(ids, composition, scoped, 0).logprobs();
                assertArrayEquals(Arrays.copyOf(base, scoped), Arrays.copyOf(scores, scoped), 1e-4f);
                float change = 0;
                for (int i = scoped; i < base.length; i++) {
                    change = Math.max(change, Math.abs(base[i] - scores[i]));
                }
                assertTrue(scoped == 599 || change > 1e-3f, "no adapter is in force behind " + scoped);
            }
            assertArrayEquals(base, scorer.score(ids, composition, 600, 0).logprobs(), 1e-4f);
            assertArrayEquals(base, scorer.score(ids, Composition.NONE, 300, 0).logprobs(), 1e-4f);
        }
    }

    @Test
    void onePrefixServesEveryComposition() {
        try (TestModel model = TestModel.reference("tiny-llama-3.2", TestDevice.PLAIN, DType.F32);
                GenerationEngine engine = model.engine(settings(2))) {
            int[] prompt = new Random(1).ints(50, 0, 900).toArray();
            GenerationRequest request = GenerationRequest.greedy(prompt, TOKENS).ignoringEos();
            engine.generate(request);
            assertEquals(0, engine.statistics().reusedRows());
            Composition composition = new Composition(List.of(model.term("0", 1)));
            engine.generate(request.with(composition).with(Scope.ANSWER));
            assertEquals(48, engine.statistics().reusedRows());
            engine.generate(request.with(new Composition(List.of(model.term("1", 0.5f))))
                    .with(Scope.ANSWER));
            assertEquals(96, engine.statistics().reusedRows());
            engine.generate(request.with(composition));
            assertEquals(96, engine.statistics().reusedRows(), "under the composition it is another prefix");
        }
    }
}
