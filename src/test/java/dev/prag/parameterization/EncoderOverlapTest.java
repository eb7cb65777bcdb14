package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.service.Result;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.augmentation.Augmenter;
import dev.prag.base.UserException;
import dev.prag.database.DatabaseResource;
import dev.prag.parameterization.EncodingProgress.Phase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.ws.rs.ProcessingException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Two batches at once: one that is trained, and the next one, which is augmented meanwhile. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class EncoderOverlapTest extends EncoderSetup {
    @Test
    void theNextPassagesAreAugmentedWhileOthersAreTrained() throws Exception {
        ingestDemo(3);
        Overlapping service = new Overlapping();
        AtomicInteger puts = new AtomicInteger();
        AdapterStore counted = new Wrapped() {
            @Override
            public String put(String id, byte[] bytes) {
                puts.incrementAndGet();
                return store.put(id, bytes);
            }
        };
        Heard heard = new Heard();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<EncodingSummary> run;
            // The trainer is taken: no training ends.
            synchronized (runtime.trainer()) {
                run = threads.submit(() -> encoder(service, counted).run(1, heard));
                await(service.second);
                assertEquals(0, puts.get());
                assertEquals(2, counts().leased(), "one batch ahead and no more");
                service.goOn.countDown();
            }
            assertEquals(3, run.get().trained());
        }
        assertEquals(3 * answersPerPassage(), service.asked.get());
        assertEquals(Set.of(Phase.AUGMENTING, Phase.TRAINING), heard.phases);
        assertTrue(heard.fraction > 0.9 && heard.fraction <= 1, "fraction " + heard.fraction);
        assertReady(3, own);
    }

    @Test
    void theLeasesOfBothBatchesAreRenewed() throws Exception {
        ingestDemo(2);
        Overlapping service = new Overlapping();
        Encoder encoder = new Encoder(
                runtime,
                own,
                queue,
                targets,
                claim,
                store,
                new Augmenter(service, model, 8),
                model,
                augmentations,
                EncoderMetrics.unseen(),
                Duration.ofSeconds(2),
                8,
                UNBOUNDED);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<EncodingSummary> run;
            synchronized (runtime.trainer()) {
                run = threads.submit(() -> encoder.run(1, EncodingListener.NONE));
                await(service.second);
                Instant last = leaseEnds().getLast();
                until(() -> leaseEnds().size() == 2 && leaseEnds().getFirst().isAfter(last));
                service.goOn.countDown();
            }
            assertEquals(2, run.get().trained());
        }
    }

    @Test
    void whereTheNextPassagesCannotBeAugmentedTheOthersAreWritten() throws Exception {
        ingestDemo(3);
        Overlapping service = new Overlapping() {
            @Override
            void beyondTheFirst() {
                throw new ProcessingException("connection refused");
            }
        };
        UserException e =
                assertThrows(UserException.class, () -> encoder(service, store).run(1, EncodingListener.NONE));
        assertEquals(UserException.Kind.ENVIRONMENT, e.kind());
        assertTrue(e.getMessage().contains("connection refused"), e.getMessage());
        assertEquals(1, counts().ready());
        assertEquals(2, counts().pending());
        assertEquals(0, counts().leased(), "what it held was given back");
        assertEquals(
                2, encoder(new Scripted(), store).run(1, EncodingListener.NONE).trained());
        assertReady(3, own);
    }

    @Test
    void killedWithTwoBatchesOnTheirWay() throws IOException {
        ingestDemo(4);
        CountDownLatch never = new CountDownLatch(1);
        String last = demoText(3);
        Scripted service = new Scripted() {
            @Override
            Result<String> answer(String prompt, String text) {
                Result<String> answer = super.answer(prompt, text);
                if (prompt.contains(last)) {
                    await(never);
                }
                return answer;
            }
        };
        AdapterStore dying = new Wrapped() {
            @Override
            public String put(String id, byte[] bytes) {
                store.put(id, bytes);
                // The third passage is augmented and the fourth is not.
                until(() -> augmentationCount() == 3 && service.asked.get() == 4 * answersPerPassage());
                throw new Killed();
            }
        };
        assertThrows(Killed.class, () -> encoder(new Augmenter(service, model, 64), dying)
                .run(2, EncodingListener.NONE));
        assertEquals(4, counts().pending());
        assertEquals(0, counts().leased());

        Scripted next = new Scripted();
        EncodingSummary rest = encoder(next, store).run(2, EncodingListener.NONE);
        assertEquals(1, rest.reused(), "the first was stored");
        assertEquals(3, rest.trained());
        assertEquals(answersPerPassage(), next.asked.get(), "only what was not done is asked for again");
        assertReady(4, own);
    }

    @Test
    void aProgramThatEndsStopsBothBatches() throws Exception {
        ingestDemo(3);
        Overlapping service = new Overlapping();
        Encoder stopping = encoder(service, store);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<EncodingSummary> run;
            Thread ending;
            synchronized (runtime.trainer()) {
                run = threads.submit(() -> stopping.run(1, EncodingListener.NONE));
                await(service.second);
                ending = Thread.ofVirtual().start(() -> stopping.onShutdown(null));
                awaitParked(ending);
            }
            ExecutionException e = assertThrows(ExecutionException.class, run::get);
            assertInstanceOf(CancellationException.class, e.getCause());
            ending.join();
        }
        assertEquals(3, counts().pending());
        assertEquals(0, counts().leased());
    }
}
