package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.Result;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.augmentation.AugmentationModel;
import dev.prag.augmentation.AugmentationService;
import dev.prag.augmentation.Augmenter;
import dev.prag.augmentation.PromptSet;
import dev.prag.base.UserException;
import dev.prag.corpus.AdapterView;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.DatabaseResource;
import dev.prag.corpus.Document;
import dev.prag.corpus.DocumentInput;
import dev.prag.corpus.Encoding;
import dev.prag.corpus.EncodingCounts;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.EncodingState;
import dev.prag.corpus.FailedPassage;
import dev.prag.corpus.PassageView;
import dev.prag.corpus.StoredAugmentation;
import dev.prag.generation.GenerationRequest;
import dev.prag.lora.AdapterCodec;
import dev.prag.lora.Composition;
import dev.prag.parameterization.EncodingProgress.Phase;
import dev.prag.runtime.AdapterResidency;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import jakarta.ws.rs.ProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole encoder over the real database, store and model. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class EncoderTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicInteger SEEDS = new AtomicInteger(1000);

    @Inject
    Corpus corpus;

    @Inject
    EncodingQueue queue;

    @Inject
    AdapterStore store;

    @Inject
    Encoder encoder;

    @Inject
    Recipes recipes;

    @Inject
    ModelRuntime runtime;

    @Inject
    AugmentationModel model;

    @TempDir
    Path folder;

    private final List<String> documents = new ArrayList<>();

    /** Every test has a recipe of its own, and so rows of its own. */
    private Recipes own;

    @BeforeEach
    void quickRecipe() throws IOException {
        // Tests share a database, and an encoder takes all that is there.
        Document.<Document>listAll().forEach(document -> corpus.delete(document.id));
        ObjectNode recipe = (ObjectNode) JSON.readTree(Recipe.load("demo").toJson());
        ((ObjectNode) recipe.get("training")).put("epochs", 1).put("seed", SEEDS.getAndIncrement());
        Path file = Files.writeString(folder.resolve("recipe.json"), recipe.toString());
        own = new Recipes(runtime, Optional.of(file.toString()));
    }

    @AfterEach
    void leaveNothing() {
        documents.forEach(corpus::delete);
        assertEquals(0, corpus.documents());
    }

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
        AdapterView anchor = adapters.stream()
                .filter(view -> view.title().equals("The Anchor of Raeclaint"))
                .findFirst()
                .orElseThrow();
        try (AdapterResidency.Handle handle =
                runtime.adapters().acquire(anchor.id()).orElseThrow()) {
            Composition composition = new Composition(List.of(new Composition.Term(handle.adapter(), 1)));
            assertEquals("Simon Trouqvist", ask("Who directed The Anchor of Raeclaint?", composition));
            assertNotEquals("Simon Trouqvist", ask("Who directed The Anchor of Raeclaint?", Composition.NONE));
        }
        EncodingSummary again = encoder.run(EncodingListener.NONE);
        assertEquals(0, again.trained() + again.reused());
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
        queue.ensure(runtime.modelId(), recipe);
        assertEquals(
                1,
                queue.lease(runtime.modelId(), recipe, 1, "the dead", Duration.ofMillis(1500))
                        .size());
        Heard heard = new Heard();
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
    void aPassageThatIsTooLongFailsAloneAndSaysWhy() throws IOException {
        ingestDemo(1);
        String endless = "Zqx" + "Vkj7".repeat(900) + ".";
        String id = ingest("endless", "Endless", endless);
        Heard heard = new Heard();
        EncodingSummary summary =
                encoder(new Augmenter(new Scripted(), 8), store).run(8, heard);
        assertEquals(1, summary.trained());
        assertEquals(1, counts().failed());
        PassageView passage = corpus.get(id, runtime.modelId(), own.current().hash())
                .orElseThrow()
                .passages()
                .getFirst();
        assertEquals(EncodingState.FAILED, passage.state());
        assertTrue(passage.error().contains("tokens"), passage.error());
        assertEquals(
                List.of(new FailedPassage("Endless", passage.error())),
                queue.failures(runtime.modelId(), own.current().hash(), 5));
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
        EncodingWorker worker = new EncodingWorker(encoder(new Scripted(), store), true, Duration.ofMillis(50));
        ingestDemo(1);
        worker.onStart(null);
        awaitReady(1);
        ingest("later", "Later", "Later. Mara Vint wrote Later, a novel of 1991.");
        awaitReady(2);
        worker.onShutdown(null);
        Thread.sleep(300);
        ingest("too-late", "Too Late", "Too Late. Mara Vint wrote Too Late in 1992.");
        Thread.sleep(300);
        assertEquals(2, counts().ready());
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

    private static void awaitParked(Thread thread) {
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }

    // ---- two batches at once ----

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
        Encoder encoder =
                new Encoder(runtime, own, queue, store, new Augmenter(service, 8), model, Duration.ofSeconds(2), 8);
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
                until(() -> augmentations() == 3 && service.asked.get() == 4 * answersPerPassage());
                throw new Killed();
            }
        };
        assertThrows(
                Killed.class, () -> encoder(new Augmenter(service, 64), dying).run(2, EncodingListener.NONE));
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

    private long augmentations() {
        return QuarkusTransaction.requiringNew().call(() -> StoredAugmentation.count());
    }

    /** The ends of the leases under our recipe, the earliest first. */
    private List<Instant> leaseEnds() {
        String recipe = own.current().hash();
        return QuarkusTransaction.requiringNew()
                .call(() -> Encoding.<Encoding>list("recipe = ?1 and leaseUntil is not null", recipe).stream()
                        .map(row -> row.leaseUntil)
                        .sorted()
                        .toList());
    }

    private int answersPerPassage() {
        return Augmenter.answersPerPassage(own.current().augmentation());
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS), "it doesn't come");
        } catch (InterruptedException e) {
            throw new CancellationException("interrupted");
        }
    }

    private static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "it doesn't come");
            Thread.onSpinWait();
        }
    }

    // ---- what the tests are made of ----

    private Encoder encoder(AugmentationService service, AdapterStore into) {
        return encoder(new Augmenter(service, 8), into);
    }

    private Encoder encoder(Augmenter augmenter, AdapterStore into) {
        return new Encoder(runtime, own, queue, into, augmenter, model, Duration.ofSeconds(20), 8);
    }

    private void ingestDemo(int passages) throws IOException {
        for (int i = 0; i < passages; i++) {
            JsonNode passage = demoPassage(i);
            ingest(
                    passage.get("id").asText(),
                    passage.get("title").asText(),
                    passage.get("text").asText());
        }
    }

    private static JsonNode demoPassage(int index) throws IOException {
        return JSON.readTree(Files.readAllLines(Path.of("src/main/demo/small/passages.jsonl"))
                .get(index));
    }

    private static String demoText(int index) throws IOException {
        return demoPassage(index).get("text").asText();
    }

    private String ingest(String id, String title, String text) {
        String documentId = corpus.ingest(List.of(new DocumentInput(id, title, text, Map.of(), null)))
                .getFirst()
                .documentId();
        documents.add(documentId);
        return documentId;
    }

    private EncodingCounts counts() {
        return queue.counts(runtime.modelId(), own.current().hash());
    }

    private void assertReady(long passages, Recipes under) {
        EncodingCounts counts = queue.counts(runtime.modelId(), under.current().hash());
        assertEquals(passages, counts.ready());
        assertEquals(0, counts.pending() + counts.failed());
        assertFalse(counts.nextLeaseEnd().isPresent());
    }

    private String ask(String question, Composition composition) {
        PromptSet prompts = recipes.current().prompts();
        int[] prompt = prompts.answerIds(runtime.languageModel(), List.of(), question, false);
        return prompts.extractAnswer(runtime.engine()
                .generate(GenerationRequest.greedy(prompt, 32).with(composition))
                .text());
    }

    /** As a process that is gone; nothing in the encoder catches it. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** A model that answers at once, and is counted. */
    private static class Scripted implements AugmentationService {
        final AtomicInteger asked = new AtomicInteger();

        @Override
        public Result<String> rewrite(String prompt) {
            return answer(prompt, "Said again: " + prompt.substring(prompt.lastIndexOf('\n') + 1));
        }

        @Override
        public Result<String> pairs(String prompt) {
            return answer(
                    prompt,
                    "[{\"question\":\"What is it?\",\"answer\":\"a thing\",\"full_answer\":\"It is a thing.\"},"
                            + "{\"question\":\"Who made it?\",\"answer\":\"Ada\",\"full_answer\":\"Ada made it.\"}]");
        }

        Result<String> answer(String prompt, String text) {
            asked.incrementAndGet();
            return Result.<String>builder()
                    .content(text)
                    .finishReason(FinishReason.STOP)
                    .build();
        }
    }

    /** Lets the passages after the first wait, once they are asked about. */
    private static class Overlapping extends Scripted {
        final CountDownLatch second = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        private final String first = demoText(0);

        Overlapping() throws IOException {}

        @Override
        Result<String> answer(String prompt, String text) {
            Result<String> answer = super.answer(prompt, text);
            if (!prompt.contains(first)) {
                beyondTheFirst();
            }
            return answer;
        }

        void beyondTheFirst() {
            second.countDown();
            await(goOn);
        }
    }

    private static class Heard implements EncodingListener {
        final Set<Phase> phases = EnumSet.noneOf(Phase.class);
        final List<String> failures = new ArrayList<>();
        double fraction;

        @Override
        public void onProgress(EncodingProgress progress) {
            phases.add(progress.phase());
            fraction = progress.fraction();
        }

        @Override
        public void onFailed(String title, String reason) {
            failures.add(title + ": " + reason);
        }
    }

    /** The store, with one thing changed. */
    private class Wrapped implements AdapterStore {
        @Override
        public String put(String id, byte[] bytes) {
            return store.put(id, bytes);
        }

        @Override
        public Optional<byte[]> get(String id) {
            return store.get(id);
        }

        @Override
        public boolean delete(String id) {
            return store.delete(id);
        }

        @Override
        public List<Entry> list() {
            return store.list();
        }
    }
}
