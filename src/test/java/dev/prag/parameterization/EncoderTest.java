package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.service.Result;
import dev.prag.access.Principal;
import dev.prag.adapterstore.AdapterRef;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.UserException;
import dev.prag.corpus.AdapterMeasure;
import dev.prag.corpus.AdapterView;
import dev.prag.corpus.EncodingCounts;
import dev.prag.corpus.EncodingState;
import dev.prag.corpus.FailedPassage;
import dev.prag.corpus.MeasuredAdapter;
import dev.prag.corpus.PassageView;
import dev.prag.corpus.Registration;
import dev.prag.corpus.TextSelection;
import dev.prag.database.DatabaseResource;
import dev.prag.lora.AdapterCodec;
import dev.prag.lora.Composition;
import dev.prag.parameterization.EncodingProgress.Phase;
import dev.prag.runtime.AdapterResidency;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The whole encoder over the real database, store and model. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class EncoderTest extends EncoderSetup {
    @Test
    void threePassagesOfTheDemoFromTextToAnswers() throws IOException {
        ingestDemo(3);
        EncodingSummary summary = encoder.run(EncodingListener.NONE);
        assertEquals(3, summary.trained());
        assertTrue(summary.tokens() > 3000, summary.toString());
        assertReady(3, recipes);

        List<AdapterView> adapters =
                queue.list(runtime.modelId(), recipes.current().hash());
        assertEquals(3, adapters.size());
        for (AdapterView view : adapters) {
            AdapterCodec.Decoded decoded =
                    AdapterCodec.decode(store.get(view.id()).orElseThrow(), view.id());
            assertEquals(recipes.current().toJson(), decoded.metadata().get("prag.recipe"));
            assertEquals(runtime.modelId(), decoded.metadata().get("prag.model"));
        }
        for (MeasuredAdapter adapter :
                measures.worst(runtime.modelId(), recipes.current().hash(), 10)) {
            AdapterMeasure measure = adapter.measure();
            assertTrue(measure.own() < measure.none() && measure.own() < measure.other(), measure.toString());
        }
        AdapterView anchor = adapters.stream()
                .filter(view -> view.title().equals("The Anchor of Raeclaint"))
                .findFirst()
                .orElseThrow();
        try (AdapterResidency.Handle handle = runtime.adapters()
                .acquire(List.of(new AdapterRef(anchor.id(), anchor.checksum())))
                .getFirst()
                .orElseThrow()) {
            Composition composition = new Composition(List.of(new Composition.Term(handle.adapter(), 1)));
            assertEquals("Simon Trouqvist", ask("Who directed The Anchor of Raeclaint?", composition));
            assertNotEquals("Simon Trouqvist", ask("Who directed The Anchor of Raeclaint?", Composition.NONE));
        }
        EncodingSummary again = encoder.run(EncodingListener.NONE);
        assertEquals(0, again.trained() + again.reused());
    }

    @Test
    void aBudgetEndsARunWithinIt() throws IOException {
        ingestDemo(3);
        Scripted service = new Scripted();
        assertEquals(
                2,
                encoder(service, store)
                        .run(1, EncodingBudget.of("2"), EncodingListener.NONE)
                        .trained());
        assertEquals(1, counts().pending());
        assertEquals(
                1,
                encoder(service, store)
                        .run(2, EncodingBudget.of("2"), EncodingListener.NONE)
                        .trained());
    }

    @Test
    void aTimeThatIsOverEndsARunAfterAPortionOfItsBatch() throws IOException {
        ingestDemo(4);
        AdapterStore slow = new Wrapped() {
            @Override
            public String put(String id, byte[] bytes) {
                until(overSince(Duration.ofSeconds(1)));
                return super.put(id, bytes);
            }
        };
        Encoder inPortions = encoder(new Scripted(), slow, Duration.ofMillis(1));
        EncodingSummary first = inPortions.run(4, EncodingBudget.of("1s"), EncodingListener.NONE);
        assertEquals(2, first.trained());
        assertEquals(2, counts().pending());
        assertEquals(0, first.failures());

        EncodingSummary rest = inPortions.run(4, EncodingListener.NONE);
        assertEquals(2, rest.trained(), "they were given back");
        assertEquals(4, counts().ready());
        for (MeasuredAdapter adapter :
                measures.worst(runtime.modelId(), own.current().hash(), 10)) {
            assertTrue(adapter.measure().other() != null, "each portion has an adapter to hold another against");
        }
    }

    private static BooleanSupplier overSince(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        return () -> System.nanoTime() > end;
    }

    @Test
    void killedAfterSomeAdaptersWereStored() throws IOException {
        ingestDemo(3);
        AtomicInteger puts = new AtomicInteger();
        AdapterStore dying = new Wrapped() {
            @Override
            public String put(String id, byte[] bytes) {
                String checksum = store.put(id, bytes);
                if (puts.incrementAndGet() == 2) {
                    throw new Killed();
                }
                return checksum;
            }
        };
        Scripted service = new Scripted();
        assertThrows(Killed.class, () -> encoder(service, dying).run(3, EncodingListener.NONE));
        assertEquals(1, counts().ready());
        assertEquals(2, counts().pending());

        int asked = service.asked.get();
        EncodingSummary rest = encoder(service, store).run(3, EncodingListener.NONE);
        assertEquals(1, rest.reused(), "the second was stored before its row was marked");
        assertEquals(1, rest.trained());
        assertEquals(asked, service.asked.get(), "augmentations were kept");
        assertReady(3, own);
    }

    @Test
    void killedWhileTraining() throws IOException {
        ingestDemo(2);
        Scripted service = new Scripted();
        EncodingListener killing = new Heard() {
            @Override
            public void onProgress(EncodingProgress progress) {
                super.onProgress(progress);
                if (progress.phase() == Phase.TRAINING) {
                    throw new Killed();
                }
            }
        };
        assertThrows(Killed.class, () -> encoder(service, store).run(2, killing));
        int asked = service.asked.get();
        Heard heard = new Heard();
        assertEquals(2, encoder(service, store).run(2, heard).trained());
        assertEquals(asked, service.asked.get(), "augmentations were kept");
        assertTrue(heard.phases.contains(Phase.TRAINING));
        assertTrue(heard.fraction > 0.99 && heard.fraction <= 1, "fraction " + heard.fraction);
        assertReady(2, own);
    }

    @Test
    void theLeasesOfADeadEncoderAreWaitedForAndTaken() throws IOException {
        ingestDemo(2);
        String recipe = own.current().hash();
        Registration.of(targets, runtime.modelId(), recipe);
        assertEquals(
                1,
                queue.lease(runtime.modelId(), recipe, 1, "the dead", Duration.ofSeconds(30))
                        .size());
        Heard heard = new Heard() {
            @Override
            public void onProgress(EncodingProgress progress) {
                super.onProgress(progress);
                if (progress.phase() == Phase.WAITING) {
                    letLeasesRunOut();
                }
            }
        };
        EncodingSummary summary = encoder(new Scripted(), store).run(8, heard);
        assertEquals(2, summary.trained());
        assertTrue(heard.phases.contains(Phase.WAITING));
        assertReady(2, own);
    }

    @Test
    void aFullDiskEndsTheRunAndGivesThePassagesBack() throws IOException {
        ingestDemo(2);
        AdapterStore full = new Wrapped() {
            @Override
            public String put(String id, byte[] bytes) {
                throw new UserException(UserException.Kind.ENVIRONMENT, "no space is left; free some");
            }
        };
        UserException e = assertThrows(
                UserException.class, () -> encoder(new Scripted(), full).run(2, EncodingListener.NONE));
        assertEquals(UserException.Kind.ENVIRONMENT, e.kind());
        assertEquals(2, counts().pending());
        assertEquals(0, counts().leased());
        assertEquals(
                2, encoder(new Scripted(), store).run(2, EncodingListener.NONE).trained());
    }

    @Test
    void whatIsTrainedOutlastsAnOutage() throws IOException {
        ingestDemo(2);
        AtomicInteger puts = new AtomicInteger();
        AdapterStore away = new Wrapped() {
            @Override
            public String put(String id, byte[] bytes) {
                if (puts.getAndIncrement() == 1) {
                    throw new IllegalStateException(new SQLException("This connection has been closed.", "08003"));
                }
                return super.put(id, bytes);
            }
        };
        assertEquals(
                2, encoder(new Scripted(), away).run(2, EncodingListener.NONE).trained());
        assertEquals(3, puts.get());
        assertReady(2, own);
    }

    @Test
    void aPassageThatIsTooLongFailsAloneAndSaysWhy() throws IOException {
        ingestDemo(1);
        // Words that the tokenizer knows no part of.
        String endless = "Vk7#Qz9x ".repeat(140) + ".";
        String id = ingest("endless", "Endless", endless);
        Heard heard = new Heard();
        EncodingSummary summary = encoder(new Scripted(), store).run(8, heard);
        assertEquals(1, summary.trained());
        assertEquals(1, counts().failed());
        PassageView passage = corpus.get(id, runtime.modelId(), own.current().hash())
                .orElseThrow()
                .passages()
                .getFirst();
        assertEquals(EncodingState.FAILED, passage.state());
        assertTrue(passage.error().contains("tokens"), passage.error());
        assertEquals(
                List.of(new FailedPassage(id, "Endless", passage.id(), 0, endless, passage.error(), null)),
                queue.failures(runtime.modelId(), own.current().hash(), 5));
        assertEquals(1, summary.failures(), "it can't succeed, so it isn't tried again");
        assertEquals(1, summary.givenUp());
        assertTrue(heard.failures.getFirst().startsWith("Endless: "), heard.failures.toString());
    }

    @Test
    void aDocumentThatIsDeletedMeanwhileLeavesNothing() throws IOException {
        ingestDemo(1);
        String id = ingest("short-lived", "Gone", "Gone. Mara Vint wrote Gone, a novel of 1990.");
        AdapterStore deleting = new Wrapped() {
            @Override
            public String put(String adapterId, byte[] bytes) {
                String checksum = store.put(adapterId, bytes);
                corpus.delete(id);
                return checksum;
            }
        };
        assertEquals(
                1,
                encoder(new Scripted(), deleting).run(8, EncodingListener.NONE).trained());
        Set<String> known =
                Set.copyOf(queue.list(null, null).stream().map(AdapterView::id).toList());
        assertEquals(1, known.size());
        assertTrue(store.list().stream().allMatch(entry -> known.contains(entry.id())));
        documents.remove(id);
    }

    @Test
    void whatCouldNotBeHadIsNoted() throws IOException {
        ingestDemo(1);
        Scripted service = new Scripted() {
            @Override
            public Result<String> rewrite(String prompt) {
                return answer(prompt, "");
            }
        };
        EncodingSummary summary = encoder(service, store).run(8, EncodingListener.NONE);
        assertEquals(1, summary.incomplete());
        PassageView passage = corpus.get(
                        documents.getFirst(), runtime.modelId(), own.current().hash())
                .orElseThrow()
                .passages()
                .getFirst();
        assertTrue(passage.note().contains("rewrite 1"), passage.note());
    }

    @Test
    void theWorkerEncodesWhatComesIn() throws Exception {
        EncodingWorker worker = worker(encoder(new Scripted(), store));
        ingestDemo(1);
        Set<Thread> others = encoderThreads();
        worker.onStart(null);
        Set<Thread> own = encoderThreads();
        own.removeAll(others);
        awaitReady(1);
        ingest("later", "Later", "Later. Mara Vint wrote Later, a novel of 1991.");
        awaitReady(2);
        worker.onShutdown(null);
        assertEquals(1, own.size());
        assertTrue(own.iterator().next().join(Duration.ofSeconds(30)), "its thread ends");
        ingest("too-late", "Too Late", "Too Late. Mara Vint wrote Too Late in 1992.");
        assertEquals(2, counts().ready());
        assertEquals(1, counts().pending());
    }

    private static Set<Thread> encoderThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("prag-encoder"))
                .collect(Collectors.toCollection(HashSet::new));
    }

    private void awaitReady(long passages) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (counts().ready() < passages) {
            assertTrue(System.nanoTime() < end, "the worker doesn't get ready: " + counts());
            Thread.sleep(50);
        }
    }

    @Test
    void aProgramThatEndsStopsTheRunAndGivesThePassagesBack() throws Exception {
        ingestDemo(2);
        Encoder stopping = encoder(new Scripted(), store);
        AtomicReference<Thread> ending = new AtomicReference<>();
        Heard heard = new Heard() {
            @Override
            public void onProgress(EncodingProgress progress) {
                super.onProgress(progress);
                if (progress.phase() == Phase.TRAINING && ending.get() == null) {
                    ending.set(Thread.ofVirtual().start(() -> stopping.onShutdown(null)));
                    awaitParked(ending.get());
                }
            }
        };
        assertThrows(CancellationException.class, () -> stopping.run(2, heard));
        ending.get().join();
        assertEquals(2, counts().pending());
        assertEquals(0, counts().leased());
        assertThrows(CancellationException.class, () -> stopping.run(2, heard), "there is no next run");
    }

    @Test
    void toldToEndItFinishesWhatItTrainsWithinItsGrace() throws Exception {
        ingestDemo(3);
        Encoder ending = encoder(new Scripted(), store);
        EncodingSummary summary = ending.run(1, toldWhileTraining(() -> ending.end(Duration.ofMinutes(1))));
        assertEquals(1, summary.trained());
        assertEquals(1, counts().ready());
        assertEquals(2, counts().pending());
        assertEquals(0, counts().leased(), "what was augmented beside it is given back");
        assertEquals(0, ending.run(1, EncodingListener.NONE).trained(), "there is no next run");
    }

    @Test
    void afterItsGraceItGivesBackWhatItTrains() throws Exception {
        ingestDemo(2);
        Encoder ending = encoder(new Scripted(), store);
        assertThrows(
                CancellationException.class,
                () -> ending.run(2, toldWhileTraining(() -> {
                    ending.end(Duration.ZERO);
                    until(ending::isStopping);
                })));
        assertEquals(2, counts().pending());
        assertEquals(0, counts().leased());
    }

    private static EncodingListener toldWhileTraining(Runnable told) {
        return new Heard() {
            private boolean done;

            @Override
            public void onProgress(EncodingProgress progress) {
                super.onProgress(progress);
                if (progress.phase() == Phase.TRAINING && !done) {
                    done = true;
                    told.run();
                }
            }
        };
    }

    @Test
    void passagesOfOtherTextsThanThoseAskedForStayPending() throws IOException {
        ingestDemo(3);
        String wanted = corpus.get(
                        documents.get(1), runtime.modelId(), own.current().hash())
                .orElseThrow()
                .passages()
                .getFirst()
                .id();
        TextSelection texts = queue.texts(List.of(wanted));
        Encoder encoder = encoder(new Scripted(), store);
        EncodingSummary first = encoder.run(EncodingBudget.unbounded(), texts, EncodingListener.NONE);
        assertEquals(1, first.trained());
        assertEquals(
                EncodingState.READY,
                queue.states(runtime.modelId(), own.current().hash(), List.of(wanted), Principal.LOCAL)
                        .get(wanted));
        assertEquals(2, queue.counts(runtime.modelId(), own.current().hash()).pending());
        EncodingCounts those = queue.counts(runtime.modelId(), own.current().hash(), texts);
        assertEquals(List.of(1L, 0L, 1L), List.of(those.passages(), those.pending(), those.ready()));
        EncodingSummary again = encoder.run(EncodingBudget.unbounded(), texts, EncodingListener.NONE);
        assertEquals(0, again.trained() + again.reused());
        assertEquals(2, encoder.run(EncodingListener.NONE).trained());
    }
}
