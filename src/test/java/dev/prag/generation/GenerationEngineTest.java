package dev.prag.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.generation.FakeModel.FakeAdapter;
import dev.prag.lora.Composition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The engine on a model without arithmetic. */
@Timeout(60)
class GenerationEngineTest {
    private static final int EOS = 3;
    private FakeModel model;
    private GenerationEngine engine;

    private GenerationEngine start(EngineSettings settings) {
        model = new FakeModel(settings);
        engine = new GenerationEngine(model, FakeModel::text, Set.of(EOS), FakeModel.VOCAB, settings);
        return engine;
    }

    @AfterEach
    void close() {
        if (engine != null) {
            model.steps.release(1_000_000);
            engine.close();
            assertTrue(model.closed);
        }
    }

    /** Ten adapters in force for requests that begin alike, two for each: each gets what its own adapter makes of it. */
    @Test
    void aPrefixIsSharedWithinACompositionOnly() {
        start(new EngineSettings(64, 8, 100, 16, 8, 200));
        List<Generation> running = new ArrayList<>();
        List<GenerationRequest> requests = new ArrayList<>();
        int[] prompt = new int[33];
        for (int i = 0; i < 20; i++) {
            FakeAdapter adapter = i % 10 == 0 ? null : new FakeAdapter(i % 10);
            GenerationRequest request = GenerationRequest.greedy(prompt, 5)
                    .ignoringEos()
                    .with(
                            adapter == null
                                    ? Composition.NONE
                                    : new Composition(List.of(new Composition.Term(adapter, 1))));
            requests.add(request);
            running.add(engine.submit(request, TokenListener.NONE));
            running.add(engine.submit(request, TokenListener.NONE));
        }
        for (int i = 0; i < running.size(); i++) {
            assertArrayEquals(
                    expected(requests.get(i / 2), 64), running.get(i).join().ids());
        }
        // Of 33 positions 32 are shared: once for each adapter object, three times for the base model.
        EngineStatistics end = engine.statistics();
        assertEquals((18 + 3) * 32, end.reusedRows());
        assertEquals(40 * (33 + 4) - end.reusedRows(), end.rows());
    }

    private static EngineSettings small() {
        return new EngineSettings(64, 4, 100, 16, 8, 20);
    }

    private static int[] expected(GenerationRequest request, int context) {
        return FakeModel.alone(request, EOS, context).ids();
    }

    /** Collects what it hears, and can fail. */
    private static class Recorder implements TokenListener {
        final StringBuilder text = new StringBuilder();
        final List<Integer> ids = new ArrayList<>();
        final AtomicInteger ends = new AtomicInteger();
        volatile GenerationResult result;
        volatile RuntimeException error;
        int failAt = Integer.MAX_VALUE;

        @Override
        public void onToken(int id, String piece, float logprob) {
            ids.add(id);
            text.append(piece);
            if (ids.size() >= failAt) {
                throw new IllegalArgumentException("no more");
            }
        }

        @Override
        public void onRest(String piece) {
            text.append(piece);
        }

        @Override
        public void onDone(GenerationResult r) {
            result = r;
            ends.incrementAndGet();
        }

        @Override
        public void onError(RuntimeException e) {
            error = e;
            ends.incrementAndGet();
        }
    }

    @Test
    void aRequestAlone() {
        start(small());
        GenerationRequest request =
                GenerationRequest.greedy(new int[] {5, 6, 7}, 10).ignoringEos();
        Recorder heard = new Recorder();
        GenerationResult result = engine.submit(request, heard).join();
        assertArrayEquals(expected(request, 64), result.ids());
        assertEquals(Finish.LENGTH, result.finish());
        assertEquals(result.text(), heard.text.toString());
        assertSame(result, heard.result);
        assertEquals(-result.ids()[4], result.logprobs()[4]);
    }

    @Test
    void endsAtTheContext() {
        start(small());
        int[] prompt = new int[60];
        GenerationResult result =
                engine.generate(GenerationRequest.greedy(prompt, 1000).ignoringEos());
        assertEquals(4, result.ids().length);
        assertEquals(Finish.LENGTH, result.finish());
    }

    @Test
    void badRequestsAreRefusedByName() {
        start(small());
        UserException tooLong =
                assertThrows(UserException.class, () -> engine.generate(GenerationRequest.greedy(new int[64], 1)));
        assertTrue(tooLong.getMessage().contains("64 tokens"), tooLong.getMessage());
        assertTrue(tooLong.getMessage().contains("--context"), tooLong.getMessage());
        UserException foreign = assertThrows(
                UserException.class, () -> engine.generate(GenerationRequest.greedy(new int[] {1, 97}, 1)));
        assertTrue(foreign.getMessage().contains("97 at position 1"), foreign.getMessage());
        assertThrows(UserException.class, () -> engine.generate(GenerationRequest.greedy(new int[] {-1}, 1)));
        assertThrows(UserException.class, () -> GenerationRequest.greedy(new int[0], 1));
        assertThrows(UserException.class, () -> GenerationRequest.greedy(new int[1], 0));
        assertThrows(UserException.class, () -> Sampling.of(Float.NaN, 0));
        assertThrows(UserException.class, () -> new Sampling(1, 0, 0, 1, 0));
        assertThrows(UserException.class, () -> new EngineSettings(64, 4, 100, 16, 8, 7));
        assertEquals(0, engine.statistics().steps());
    }

    @Test
    void stopStringsEndTheTextButNotTheTokens() {
        start(small());
        GenerationRequest request =
                GenerationRequest.greedy(new int[] {9, 2}, 40).ignoringEos();
        String whole = engine.generate(request).text();
        String stop = whole.substring(10, 13);
        Recorder heard = new Recorder();
        GenerationResult result =
                engine.submit(request.withStops(List.of(stop), Set.of()), heard).join();
        assertEquals(whole.substring(0, whole.indexOf(stop)), result.text());
        assertEquals(result.text(), heard.text.toString());
        assertEquals(Finish.STOP, result.finish());
        assertEquals(heard.ids.size(), result.ids().length);
        assertArrayEquals(Arrays.copyOf(expected(request, 64), result.ids().length), result.ids());
    }

    @Test
    void stopIdsAreNotAmongTheTokens() {
        start(small());
        GenerationRequest request =
                GenerationRequest.greedy(new int[] {9, 2}, 40).ignoringEos();
        int[] all = engine.generate(request).ids();
        GenerationResult result = engine.generate(request.withStops(List.of(), Set.of(all[7])));
        int first = 0;
        while (all[first] != all[7]) {
            first++;
        }
        assertArrayEquals(Arrays.copyOf(all, first), result.ids());
        assertEquals(Finish.STOP, result.finish());
    }

    @Test
    void cancellationFreesTheBlocksAndKeepsWhatCame() throws InterruptedException {
        start(small());
        model.steps.drainPermits();
        Recorder heard = new Recorder();
        AtomicInteger finished = new AtomicInteger();
        Generation generation = engine.submit(
                GenerationRequest.greedy(new int[] {4}, 50).ignoringEos(), heard, finished::incrementAndGet);
        model.steps.release(3);
        while (heard.ids.size() < 3) {
            Thread.sleep(1);
        }
        generation.cancel();
        model.steps.release(10);
        GenerationResult result = generation.join();
        assertEquals(Finish.CANCELLED, result.finish());
        assertTrue(result.ids().length >= 3 && result.ids().length <= 4, "" + result.ids().length);
        assertEquals(1, finished.get());
        assertEquals(20, engine.statistics().freeBlocks());
    }

    @Test
    void aFailingListenerEndsItsOwnRequestOnly() {
        start(small());
        Recorder fails = new Recorder();
        fails.failAt = 3;
        GenerationRequest request =
                GenerationRequest.greedy(new int[] {8, 8}, 12).ignoringEos();
        Generation bad = engine.submit(request, fails);
        Generation good = engine.submit(request, new Recorder());
        assertEquals(
                "no more",
                assertThrows(IllegalArgumentException.class, bad::join).getMessage());
        assertEquals(1, fails.ends.get());
        assertArrayEquals(expected(request, 64), good.join().ids());
        assertEquals(20, engine.statistics().freeBlocks());
    }

    @Test
    void aFailingStepEndsTheSequenceAtFaultOnly() {
        start(small());
        model.steps.drainPermits();
        GenerationRequest request =
                GenerationRequest.greedy(new int[] {8, 8}, 12).ignoringEos();
        Composition poison = new Composition(List.of(new Composition.Term(new FakeAdapter(FakeModel.POISON), 1)));
        Generation first = engine.submit(request, TokenListener.NONE);
        Generation bad = engine.submit(request.with(poison), TokenListener.NONE);
        Generation last = engine.submit(request, TokenListener.NONE);
        model.steps.release(1000);
        assertEquals("poisoned", assertThrows(UserException.class, bad::join).getMessage());
        assertArrayEquals(expected(request, 64), first.join().ids());
        assertArrayEquals(expected(request, 64), last.join().ids());
    }

    @Test
    void aFullQueueRejectsWithAHint() {
        start(small().withMaxWaiting(2));
        model.steps.drainPermits();
        GenerationRequest request = GenerationRequest.greedy(new int[] {1}, 5);
        List<Generation> accepted = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            accepted.add(engine.submit(request, TokenListener.NONE));
        }
        EngineBusyException busy =
                assertThrows(EngineBusyException.class, () -> engine.submit(request, TokenListener.NONE));
        assertTrue(busy.retryAfter().toSeconds() >= 1);
        model.steps.release(1000);
        accepted.forEach(Generation::join);
        assertEquals(Finish.LENGTH, engine.generate(request.ignoringEos()).finish());
    }

    @Test
    void closingEndsEverythingWithAClearError() throws InterruptedException {
        start(small());
        model.steps.drainPermits();
        AtomicInteger finished = new AtomicInteger();
        List<Generation> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(engine.submit(
                    GenerationRequest.greedy(new int[] {1}, 50).ignoringEos(),
                    TokenListener.NONE,
                    finished::incrementAndGet));
        }
        // Closing waits for the step that is being made, so steps have to go on until it is through.
        Thread closing = Thread.ofPlatform().start(engine::close);
        while (!closing.join(Duration.ofMillis(5))) {
            model.steps.release(1);
        }
        for (Generation generation : all) {
            UserException e = assertThrows(UserException.class, generation::join);
            assertTrue(e.getMessage().contains("closed"), e.getMessage());
        }
        assertEquals(8, finished.get());
        assertThrows(UserException.class, () -> engine.generate(GenerationRequest.greedy(new int[] {1}, 1)));
    }

    @Test
    void anErrorOfTheMachineReachesEverybody() {
        start(small());
        model.steps.drainPermits();
        Generation generation = engine.submit(GenerationRequest.greedy(new int[] {1}, 5), TokenListener.NONE);
        assertTrue(engine.isOpen());
        assertTrue(engine.failure().isEmpty());
        model.fatal = new OutOfMemoryError("tried");
        model.steps.release(1);
        assertThrows(IllegalStateException.class, generation::join);
        assertFalse(engine.isOpen());
        engine.close();
        IllegalStateException e = assertThrows(
                IllegalStateException.class, () -> engine.generate(GenerationRequest.greedy(new int[] {1}, 1)));
        assertTrue(e.getMessage().contains("no memory left"), e.getMessage());
        assertEquals(model.fatal, engine.failure().orElseThrow());
    }

    /** Random requests, many at once, some cancelled, some failing: each gets what it would get alone. */
    @Test
    void randomSchedules() throws InterruptedException {
        for (int seed = 0; seed < 12; seed++) {
            Random random = new Random(seed);
            int blockSize = 1 + random.nextInt(9);
            int context = 40 + random.nextInt(60);
            int least = Math.ceilDiv(context, blockSize);
            EngineSettings settings = new EngineSettings(
                    context,
                    1 + random.nextInt(6),
                    500,
                    1 + random.nextInt(40),
                    blockSize,
                    least + random.nextInt(3 * least));
            start(settings);
            try {
                runRandomly(random, settings);
            } finally {
                close();
            }
        }
        engine = null;
    }

    /** Made of few pieces, so that many begin alike. */
    private static int[] prompt(Random random, int length) {
        int[] prompt = new int[length];
        for (int i = 0; i < length; i++) {
            prompt[i] = i % 10 == 0 ? random.nextInt(2) : i;
        }
        return prompt;
    }

    private void runRandomly(Random random, EngineSettings settings) throws InterruptedException {
        record Run(GenerationRequest request, Recorder heard, Generation generation, boolean undisturbed) {}
        List<Run> runs = new ArrayList<>();
        List<FakeAdapter> adapters = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            FakeAdapter adapter = new FakeAdapter(random.nextInt(12) == 0 ? FakeModel.POISON : i);
            adapters.add(adapter);
            Composition composition = random.nextBoolean()
                    ? Composition.NONE
                    : new Composition(List.of(new Composition.Term(adapter, random.nextFloat())));
            Sampling sampling =
                    new Sampling(random.nextInt(2), 0, 1, random.nextBoolean() ? 1 : 1.3f, random.nextLong());
            GenerationRequest request = new GenerationRequest(
                    prompt(random, 1 + random.nextInt(settings.contextTokens() - 1)),
                    1 + random.nextInt(50),
                    sampling,
                    List.of(),
                    Set.of(random.nextInt(FakeModel.VOCAB)),
                    random.nextBoolean(),
                    composition);
            Recorder heard = new Recorder();
            boolean cancels = random.nextInt(4) == 0;
            boolean fails = random.nextInt(10) == 0;
            if (fails) {
                heard.failAt = 1 + random.nextInt(20);
            }
            Generation generation = engine.submit(request, heard, adapter::close);
            runs.add(new Run(
                    request,
                    heard,
                    generation,
                    !cancels && !fails && (composition.isEmpty() || adapter.mark != FakeModel.POISON)));
            if (random.nextInt(3) == 0) {
                Thread.sleep(0, random.nextInt(200_000));
            }
            if (cancels) {
                runs.get(random.nextBoolean() ? i : random.nextInt(i + 1))
                        .generation()
                        .cancel();
            }
        }
        for (Run run : runs) {
            GenerationResult result = null;
            try {
                result = run.generation().join();
            } catch (UserException | IllegalArgumentException e) {
                assertFalse(run.undisturbed(), "failed: " + e);
                assertSame(e, run.heard().error);
            }
            assertEquals(1, run.heard().ends.get());
            if (result == null) {
                continue;
            }
            int[] alone = expected(run.request(), settings.contextTokens());
            if (result.finish() == Finish.CANCELLED) {
                alone = Arrays.copyOf(alone, result.ids().length);
            }
            assertArrayEquals(alone, result.ids());
            assertEquals(result.text(), run.heard().text.toString());
        }
        EngineStatistics end = engine.statistics();
        assertEquals(settings.cacheBlocks(), end.freeBlocks());
        assertEquals(0, end.running() + end.waiting());
        assertTrue(adapters.stream().allMatch(a -> a.closed.get()));
        assertTrue(model.mostSegments <= settings.maxSequences());
        assertTrue(model.mostRows <= settings.maxSequences() + settings.prefillRows());
    }
}
