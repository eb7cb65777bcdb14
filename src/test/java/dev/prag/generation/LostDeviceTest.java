package dev.prag.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.llm.FragileDevice;
import dev.prag.tensor.DType;
import dev.prag.tensor.DeviceLostException;
import dev.prag.tensor.plain.PlainDevice;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an engine does when its device stops working, or has no memory left for an operation. */
@Timeout(60)
class LostDeviceTest {
    private final FragileDevice fragile = new FragileDevice(new PlainDevice());

    private TestModel model() {
        return TestModel.reference("tiny-llama-3.1", fragile.device(), DType.F32);
    }

    private static GenerationRequest request(int tokens) {
        return GenerationRequest.greedy(new int[] {5, 6, 7}, tokens).ignoringEos();
    }

    /** Runs something when the first token is there, and counts the errors it hears of. */
    private static final class Watching implements TokenListener {
        private final CountDownLatch first = new CountDownLatch(1);
        private final AtomicInteger errors = new AtomicInteger();

        @Override
        public void onToken(int id, String text, float logprob) {
            first.countDown();
        }

        @Override
        public void onRest(String text) {}

        @Override
        public void onDone(GenerationResult result) {}

        @Override
        public void onError(RuntimeException error) {
            errors.incrementAndGet();
        }
    }

    @Test
    void whatRunsAndWhatWaitsEndsInWordsAndNothingIsServedAnyMore() throws InterruptedException {
        try (TestModel model = model();
                GenerationEngine engine = model.engine(new EngineSettings(200, 1, 8, 24, 8, 60))) {
            Watching running = new Watching();
            AtomicInteger givenBack = new AtomicInteger();
            Generation first = engine.submit(request(150), running, givenBack::incrementAndGet);
            Generation waiting = engine.submit(request(150), TokenListener.NONE, givenBack::incrementAndGet);
            running.first.await();
            fragile.lose();
            for (Generation generation : new Generation[] {first, waiting}) {
                UserException e = assertThrows(UserException.class, generation::join);
                assertEquals(FragileDevice.LOSS, e.getMessage());
                assertEquals(UserException.Kind.ENVIRONMENT, e.kind());
            }
            assertEquals(1, running.errors.get());
            assertEquals(2, givenBack.get());
            assertEquals(
                    FragileDevice.LOSS,
                    assertThrows(UserException.class, () -> engine.generate(request(1)))
                            .getMessage());
            assertFalse(engine.isOpen());
            assertInstanceOf(DeviceLostException.class, engine.failure().orElseThrow());
        }
    }

    @Test
    void noMemoryForAnOperationEndsTheRequestAtFaultAlone() {
        try (TestModel model = model();
                GenerationEngine engine = model.engine(new EngineSettings(200, 4, 8, 24, 8, 60))) {
            GenerationResult before = engine.generate(request(8));
            fragile.fillOnce();
            UserException e = assertThrows(UserException.class, () -> engine.generate(request(8)));
            assertTrue(e.getMessage().contains("no room"), e.getMessage());
            assertEquals(before.text(), engine.generate(request(8)).text());
            assertTrue(engine.isOpen());
        }
    }

    @Test
    void aLossIsFoundBehindWhatItLedTo() {
        DeviceLostException lost = new DeviceLostException("gone");
        assertEquals(
                lost,
                DeviceLostException.in(new IllegalStateException(new RuntimeException(lost)))
                        .orElseThrow());
        assertTrue(DeviceLostException.in(new IllegalStateException("other")).isEmpty());
        assertTrue(DeviceLostException.in(null).isEmpty());
    }
}
