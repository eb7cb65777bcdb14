package dev.prag.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.generation.FakeModel.FakeAdapter;
import dev.prag.generation.Schedule.Joining;
import dev.prag.generation.Schedule.Outcome;
import dev.prag.llm.Decoder;
import dev.prag.llm.TestDevice;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.lora.ResidentAdapter;
import dev.prag.lora.Scope;
import dev.prag.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Requests that join, are cancelled and fail at random, on little memory, get what they get alone. A failure names its
 * seed, which makes the same schedule again.
 */
@Timeout(240)
class RandomScheduleTest {
    private static final int EOS = 3;

    /** What happened over all seeds: a schedule without these would show nothing. */
    private int whole;

    private int cancelled;
    private int failed;
    private long reused;
    private long merged;

    /** Runs a schedule, compares each request with what its kind gets alone, and then each kind once more. */
    private void check(
            Random random,
            EngineSettings settings,
            Stepper below,
            TestModel model,
            Consumer<Integer> failAfter,
            Function<Random, Joining> source,
            Function<Integer, GenerationResult> alone,
            float tolerance)
            throws InterruptedException {
        Schedule schedule = new Schedule(below, random, failAfter, source);
        GenerationEngine started = model == null
                ? new GenerationEngine(schedule, FakeModel::text, Set.of(EOS), FakeModel.VOCAB, settings)
                : model.engine(schedule, settings);
        try (GenerationEngine engine = started) {
            schedule.run(engine, 40);
            for (Outcome outcome : schedule.outcomes) {
                assertEquals(1, outcome.ends);
                assertEquals(1, outcome.finished);
                if (outcome.error != null) {
                    assertInstanceOf(FaultyDevice.Fault.class, outcome.error);
                    failed++;
                } else {
                    compare(alone.apply(outcome.kind), outcome.result, tolerance);
                }
            }
            for (int i = 0; i < 5; i++) {
                Joining next = source.apply(random);
                GenerationResult result = engine.submit(next.request(), TokenListener.NONE, next.onFinished())
                        .join();
                compare(alone.apply(next.kind()), result, tolerance);
            }
            EngineStatistics end = engine.statistics();
            assertEquals(settings.cacheBlocks(), end.freeBlocks());
            assertEquals(0, end.running() + end.waiting());
            reused += end.reusedRows();
            merged += end.merges().tokens();
        }
    }

    private void compare(GenerationResult alone, GenerationResult result, float tolerance) {
        int length = result.ids().length;
        if (result.finish() == Finish.CANCELLED) {
            cancelled++;
            assertTrue(length <= alone.ids().length);
        } else {
            whole++;
        }
        for (int i = 0; i < Math.min(length, alone.ids().length); i++) {
            assertEquals(alone.logprobs()[i], result.logprobs()[i], tolerance);
            if (alone.ids()[i] != result.ids()[i]) {
                // As likely as the other: a tie, which rounding may turn. From here on the texts differ.
                assertTrue(tolerance > 0, "token " + i);
                return;
            }
        }
        if (result.finish() != Finish.CANCELLED) {
            assertEquals(alone.ids().length, length);
            assertEquals(alone.text(), result.text());
            assertEquals(alone.finish(), result.finish());
        }
    }

    private void assertThatMuchHappened(int schedules) {
        assertTrue(
                whole > 8 * schedules && cancelled > schedules && failed > schedules && reused > 80 * schedules,
                this::toString);
    }

    @Override
    public String toString() {
        return whole + " whole, " + cancelled + " cancelled, " + failed + " failed, " + reused + " rows reused";
    }

    /** Prompts of few pieces, so that many begin alike. */
    private static int[] prompt(Random random, int most) {
        int[] prompt = new int[1 + random.nextInt(most)];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] = i % 16 == 10 ? random.nextInt(2) : i % 90;
        }
        return prompt;
    }

    private static Sampling sampling(Random random) {
        return random.nextBoolean()
                ? Sampling.GREEDY
                : new Sampling(1, 0, 1, random.nextBoolean() ? 1 : 1.3f, random.nextInt(3));
    }

    private static Scope scope(int i) {
        return i % 2 == 0 ? Scope.PROMPT : Scope.ANSWER;
    }

    /** Blocks for little more than one whole context. */
    private static EngineSettings settings(Random random, int context) {
        int blockSize = 1 + random.nextInt(9);
        int least = Math.ceilDiv(context, blockSize);
        return new EngineSettings(
                context,
                1 + random.nextInt(6),
                500,
                1 + random.nextInt(40),
                blockSize,
                least + random.nextInt(2 * least));
    }

    @Test
    void onTheFakeModel() throws InterruptedException {
        int seeds = 300;
        for (int seed = 0; seed < seeds; seed++) {
            Random random = new Random(seed);
            EngineSettings settings = settings(random, 80);
            List<FakeAdapter> adapters = List.of(new FakeAdapter(1), new FakeAdapter(2));
            List<GenerationRequest> kinds = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Composition composition = random.nextBoolean()
                        ? Composition.NONE
                        : new Composition(
                                List.of(new Composition.Term(adapters.get(random.nextInt(2)), 1 + random.nextInt(2))));
                kinds.add(new GenerationRequest(
                        prompt(random, 79),
                        1 + random.nextInt(20),
                        sampling(random),
                        List.of(),
                        Set.of(random.nextInt(FakeModel.VOCAB)),
                        random.nextBoolean(),
                        composition,
                        scope(i)));
            }
            try {
                check(
                        random,
                        settings,
                        new FakeModel(settings),
                        null,
                        operations -> {},
                        dice -> {
                            int kind = dice.nextInt(kinds.size());
                            return new Joining(kind, kinds.get(kind), () -> {});
                        },
                        kind -> FakeModel.alone(kinds.get(kind), EOS, settings.contextTokens()),
                        0);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThatMuchHappened(seeds);
    }

    /** A slab with room for one of two adapters, which is exchanged whenever the other one is needed. */
    private static final class OnePlace implements AutoCloseable {
        private final List<Adapter> hosts;
        private final AdapterSlab slab;
        private int present = -1;
        private int users;
        private ResidentAdapter resident;

        OnePlace(TestModel model, List<Adapter> hosts) {
            this.hosts = hosts;
            slab = new AdapterSlab(
                    model.decoder.device(), model.decoder.config().decoderShape(), AdapterSlab.footprint(hosts.get(0)));
        }

        /** Null while the place is in use by the other one. */
        ResidentAdapter acquire(int which) {
            if (present != which) {
                if (users > 0) {
                    return null;
                }
                if (resident != null) {
                    resident.close();
                }
                resident = slab.load(hosts.get(which));
                present = which;
            }
            users++;
            return resident;
        }

        void giveBack() {
            users--;
        }

        @Override
        public void close() {
            assertEquals(0, users);
            slab.close();
        }
    }

    private record Kind(GenerationRequest base, int adapter, float weight) {
        GenerationRequest with(ResidentAdapter resident) {
            return base.with(new Composition(List.of(new Composition.Term(resident, weight))));
        }
    }

    /** Schedules are the engine's, whatever it runs on: where a step takes long, a few show what the device adds. */
    private static int seeds(TestDevice device) {
        return device == TestDevice.CUDA ? 4 : 12;
    }

    /** With a device that fails in the middle of a step, and adapters that take each other's place in its memory. */
    @ParameterizedTest
    @EnumSource
    void onAModel(TestDevice device) throws InterruptedException {
        onAModel(device, device == TestDevice.PLAIN ? 0 : 3e-4f, DecoderStepper::new);
        assertEquals(0, merged);
    }

    /** The same where a sequence that runs alone has its composition merged into a copy of the weights at once. */
    @ParameterizedTest
    @EnumSource
    void withMergedCopies(TestDevice device) throws InterruptedException {
        onAModel(
                device,
                3e-4f,
                (decoder, settings) -> new MergingStepper(
                        new DecoderStepper(decoder, settings),
                        new MergeSettings(3e-4f, 1L << 30),
                        new FixedCosts(0, 1)));
        assertTrue(merged > 2 * seeds(device), () -> merged + " tokens by copies");
    }

    private void onAModel(TestDevice device, float tolerance, BiFunction<Decoder, EngineSettings, Stepper> steppers)
            throws InterruptedException {
        FaultyDevice faulty = new FaultyDevice(device.open());
        try (TestModel model = TestModel.reference("tiny-llama-3.1", faulty.device(), DType.F32);
                OnePlace place = new OnePlace(model, List.of(model.adapter("0"), model.adapter("1")))) {
            Random kindsRandom = new Random(21);
            List<Kind> kinds = new ArrayList<>();
            List<GenerationResult> alone = new ArrayList<>();
            for (int i = 0; i < 18; i++) {
                GenerationRequest base = new GenerationRequest(
                        prompt(kindsRandom, 60),
                        1 + kindsRandom.nextInt(10),
                        sampling(kindsRandom),
                        List.of(),
                        Set.of(),
                        true,
                        Composition.NONE,
                        scope(i / 3));
                Kind kind = new Kind(base, i % 3 - 1, kindsRandom.nextBoolean() ? 1 : 0.5f);
                kinds.add(kind);
                try (GenerationEngine engine = model.engine(EngineSettings.of(80, 1))) {
                    if (kind.adapter < 0) {
                        alone.add(engine.generate(base));
                    } else {
                        alone.add(engine.generate(kind.with(place.acquire(kind.adapter))));
                        place.giveBack();
                    }
                }
            }
            Function<Random, Joining> source = dice -> {
                int index = dice.nextInt(kinds.size());
                Kind kind = kinds.get(index);
                if (kind.adapter < 0) {
                    return new Joining(index, kind.base, () -> {});
                }
                ResidentAdapter resident = place.acquire(kind.adapter);
                return resident == null ? null : new Joining(index, kind.with(resident), place::giveBack);
            };
            int seeds = seeds(device);
            for (int seed = 0; seed < seeds; seed++) {
                Random random = new Random(seed);
                EngineSettings settings = settings(random, 80);
                try {
                    check(
                            random,
                            settings,
                            steppers.apply(model.decoder, settings),
                            model,
                            faulty::failAfter,
                            source,
                            alone::get,
                            tolerance);
                } catch (AssertionError e) {
                    throw new AssertionError("seed " + seed, e);
                }
            }
            assertThatMuchHappened(seeds);
        }
    }

    /** An adapter that is closed when its last user has given it back. */
    private static final class Counted {
        final FakeAdapter adapter;
        private final AtomicInteger users = new AtomicInteger(1);

        Counted(int mark) {
            adapter = new FakeAdapter(mark);
        }

        Counted acquire() {
            users.incrementAndGet();
            return this;
        }

        void giveBack() {
            if (users.decrementAndGet() == 0) {
                adapter.close();
            }
        }
    }

    @Test
    void nothingLeaksIn100000Requests() throws InterruptedException {
        int requests = 100_000;
        long threads = engineThreads();
        EngineSettings settings = new EngineSettings(40, 32, 100, 64, 4, 120);
        Random random = new Random(1);
        AtomicInteger finished = new AtomicInteger();
        List<Counted> adapters = new ArrayList<>();
        Semaphore places = new Semaphore(100);
        List<Generation> generations = new ArrayList<>();
        try (GenerationEngine engine = new GenerationEngine(
                new FakeModel(settings), FakeModel::text, Set.of(EOS), FakeModel.VOCAB, settings)) {
            for (int i = 0; i < requests; i++) {
                if (i % 50 == 0) {
                    adapters.add(new Counted(i % 250 == 0 ? FakeModel.POISON : i));
                    if (adapters.size() > 4) {
                        adapters.get(adapters.size() - 5).giveBack();
                    }
                }
                Counted adapter = adapters.get(adapters.size() - 1 - random.nextInt(Math.min(4, adapters.size())))
                        .acquire();
                GenerationRequest request = GenerationRequest.greedy(prompt(random, 25), 1 + random.nextInt(5))
                        .with(new Composition(List.of(new Composition.Term(adapter.adapter, 1))));
                places.acquire();
                Generation generation = engine.submit(request, TokenListener.NONE, () -> {
                    finished.incrementAndGet();
                    adapter.giveBack();
                    places.release();
                });
                if (i % 11 == 0) {
                    generation.cancel();
                }
                generations.add(generation);
            }
            int failures = 0;
            for (Generation generation : generations) {
                try {
                    generation.join();
                } catch (UserException e) {
                    assertEquals("poisoned", e.getMessage());
                    failures++;
                }
            }
            assertTrue(failures > requests / 20 && failures < requests / 2, failures + " failures");
            EngineStatistics end = engine.statistics();
            assertEquals(settings.cacheBlocks(), end.freeBlocks());
            assertEquals(0, end.running() + end.waiting());
            assertTrue(end.reusedRows() > requests, end.toString());
        }
        adapters.reversed().stream().limit(4).forEach(Counted::giveBack);
        assertEquals(requests, finished.get());
        assertTrue(adapters.stream().allMatch(counted -> counted.adapter.closed.get()));
        assertEquals(threads, engineThreads());
    }

    private static long engineThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("prag-generation"))
                .count();
    }
}
