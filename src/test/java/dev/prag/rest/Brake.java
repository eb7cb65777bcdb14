package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.generation.EngineStatistics;
import dev.prag.generation.Generation;
import dev.prag.generation.GenerationEngine;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.GenerationResult;
import dev.prag.generation.TokenListener;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Holds the engine at a step until it is let go on: a request whose listener waits, on the thread that serves all
 * requests, so that a test decides how far the others come.
 */
public final class Brake implements TokenListener, AutoCloseable {
    private final Semaphore reached = new Semaphore(0);
    private final Semaphore permits = new Semaphore(0);
    private final GenerationEngine engine;
    private final Generation generation;

    public Brake(GenerationEngine engine) throws InterruptedException {
        this.engine = engine;
        generation = engine.submit(GenerationRequest.greedy(new int[] {1}, 900).ignoringEos(), this);
        awaitStep();
    }

    /** Lets the engine make one step. */
    public void step() throws InterruptedException {
        permits.release();
        awaitStep();
    }

    /** Requests in the engine beside this. */
    public int others() {
        EngineStatistics now = engine.statistics();
        return now.running() + now.waiting() - 1;
    }

    /** Lets the engine step, with more and more time for the news of a client's end to arrive, until nothing else runs. */
    public void assertOthersEnd() throws InterruptedException {
        int steps = 0;
        for (Duration pause = Duration.ofMillis(50); others() > 0; pause = pause.multipliedBy(2)) {
            assertTrue(steps < 8, "still running after " + steps + " steps");
            Thread.sleep(pause);
            step();
            steps++;
        }
    }

    private void awaitStep() throws InterruptedException {
        assertTrue(reached.tryAcquire(60, TimeUnit.SECONDS), "the engine made no step");
    }

    @Override
    public void onToken(int id, String text, float logprob) {
        reached.release();
        permits.acquireUninterruptibly();
    }

    @Override
    public void onRest(String text) {}

    @Override
    public void onDone(GenerationResult result) {}

    @Override
    public void onError(RuntimeException error) {}

    @Override
    public void close() {
        generation.cancel();
        permits.release(1000);
        generation.join();
    }
}
