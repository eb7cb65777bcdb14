package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import dev.prag.corpus.AdapterMeasures;
import dev.prag.corpus.Augmentations;
import dev.prag.corpus.Changes;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.Document;
import dev.prag.corpus.Encoding;
import dev.prag.corpus.EncodingCounts;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.FailedPassage;
import dev.prag.corpus.StoreClaim;
import dev.prag.corpus.StoredAugmentation;
import dev.prag.corpus.Targets;
import dev.prag.documents.DocumentInput;
import dev.prag.generation.GenerationRequest;
import dev.prag.lora.Composition;
import dev.prag.parameterization.EncodingProgress.Phase;
import dev.prag.runtime.ModelRuntime;
import dev.prag.runtime.ModelSettings;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.inject.Inject;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of the whole encoder over the real database, store and model share. */
abstract class EncoderSetup {
    static final ObjectMapper JSON = new ObjectMapper();

    /** All that is augmented is trained together. */
    static final Duration UNBOUNDED = Duration.ofDays(1);

    private static final AtomicInteger SEEDS = new AtomicInteger(1000);

    @Inject
    Corpus corpus;

    @Inject
    EncodingQueue queue;

    @Inject
    Targets targets;

    @Inject
    AdapterMeasures measures;

    @Inject
    StoreClaim claim;

    @Inject
    Changes changes;

    @Inject
    AdapterStore store;

    @Inject
    Encoder encoder;

    @Inject
    Recipes recipes;

    @Inject
    ModelRuntime runtime;

    @Inject
    ModelSettings settings;

    @Inject
    AugmentationModel model;

    @Inject
    Augmentations augmentations;

    @TempDir
    Path folder;

    final List<String> documents = new ArrayList<>();

    /** Every test has a recipe of its own, and so rows of its own. */
    Recipes own;

    @BeforeEach
    void quickRecipe() throws IOException {
        // Tests share a database, and an encoder takes all that is there.
        Document.<Document>listAll().forEach(document -> corpus.delete(document.id));
        ObjectNode recipe = (ObjectNode) JSON.readTree(Recipe.load("demo").toJson());
        ((ObjectNode) recipe.get("training")).put("epochs", 1).put("seed", SEEDS.getAndIncrement());
        Path file = Files.writeString(folder.resolve("recipe.json"), recipe.toString());
        own = new Recipes(runtime, settings, model, Optional.of(file.toString()));
    }

    /** The recipe with another field of its training. */
    void recipeWith(String field, JsonNode value) throws IOException {
        ObjectNode recipe = (ObjectNode) JSON.readTree(own.current().toJson());
        ((ObjectNode) recipe.get("training")).set(field, value);
        Path file = Files.writeString(folder.resolve("other.json"), recipe.toString());
        own = new Recipes(runtime, settings, model, Optional.of(file.toString()));
    }

    @AfterEach
    void leaveNothing() {
        documents.forEach(corpus::delete);
        assertEquals(0, corpus.documents());
    }

    long augmentationCount() {
        return QuarkusTransaction.requiringNew().call(() -> StoredAugmentation.count());
    }

    /** The ends of the leases under our recipe, the earliest first. */
    List<Instant> leaseEnds() {
        String recipe = own.current().hash();
        return QuarkusTransaction.requiringNew()
                .call(() -> Encoding.<Encoding>list("recipe = ?1 and leaseUntil is not null", recipe).stream()
                        .map(row -> row.leaseUntil)
                        .sorted()
                        .toList());
    }

    /** As if the time of all leases under our recipe were over. */
    void letLeasesRunOut() {
        String recipe = own.current().hash();
        QuarkusTransaction.requiringNew()
                .run(() -> Encoding.update(
                        "leaseUntil = ?1 where recipe = ?2 and leaseUntil is not null", Instant.EPOCH, recipe));
    }

    int answersPerPassage() {
        return Augmenter.answersPerPassage(own.current().augmentation());
    }

    static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS), "it doesn't come");
        } catch (InterruptedException e) {
            throw new CancellationException("interrupted");
        }
    }

    static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "it doesn't come");
            Thread.onSpinWait();
        }
    }

    static void awaitParked(Thread thread) {
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }

    Encoder encoder(AugmentationService service, AdapterStore into) {
        return encoder(new Augmenter(service, model, 8), into);
    }

    Encoder encoder(AugmentationService service, AdapterStore into, Duration portion) {
        return encoder(new Augmenter(service, model, 8), into, portion);
    }

    Encoder encoder(Augmenter augmenter, AdapterStore into) {
        return encoder(augmenter, into, UNBOUNDED);
    }

    private Encoder encoder(Augmenter augmenter, AdapterStore into, Duration portion) {
        return new Encoder(
                runtime,
                own,
                queue,
                targets,
                claim,
                into,
                augmenter,
                model,
                augmentations,
                EncoderMetrics.unseen(),
                Duration.ofSeconds(20),
                8,
                portion);
    }

    EncodingWorker worker(Encoder under) {
        return new EncodingWorker(new EncodingLoop(under, check(true), changes, Duration.ofMillis(50)), true);
    }

    StoreCheck check(boolean embedded) {
        return new StoreCheck(queue, targets, claim, store, runtime, own, embedded);
    }

    void ingestDemo(int passages) throws IOException {
        for (int i = 0; i < passages; i++) {
            JsonNode passage = demoPassage(i);
            ingest(
                    passage.get("id").asText(),
                    passage.get("title").asText(),
                    passage.get("text").asText());
        }
    }

    static JsonNode demoPassage(int index) throws IOException {
        return JSON.readTree(Files.readAllLines(Path.of("src/main/demo/small/passages.jsonl"))
                .get(index));
    }

    static String demoText(int index) throws IOException {
        return demoPassage(index).get("text").asText();
    }

    String ingest(String id, String title, String text) {
        String documentId = corpus.ingest(List.of(new DocumentInput(id, title, text, Map.of(), null)))
                .getFirst()
                .documentId();
        documents.add(documentId);
        return documentId;
    }

    /** Passages that were given up under the recipe of this test. */
    List<FailedPassage> failures() {
        return queue.failures(runtime.modelId(), own.current().hash(), 5);
    }

    EncodingCounts counts() {
        return queue.counts(runtime.modelId(), own.current().hash());
    }

    void assertReady(long passages, Recipes under) {
        EncodingCounts counts = queue.counts(runtime.modelId(), under.current().hash());
        assertEquals(passages, counts.ready());
        assertEquals(0, counts.pending() + counts.failed());
        assertFalse(counts.nextLeaseEnd().isPresent());
    }

    String ask(String question, Composition composition) {
        PromptSet prompts = recipes.current().prompts();
        int[] prompt = prompts.answerIds(runtime.languageModel(), List.of(), question, false);
        return prompts.extractAnswer(runtime.engine()
                .generate(GenerationRequest.greedy(prompt, 32).with(composition))
                .text());
    }

    /** As a process that is gone; nothing in the encoder catches it. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** A model that answers at once, and is counted. */
    static class Scripted implements AugmentationService {
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

        @Override
        public Result<String> line(String prompt) {
            return answer(prompt, "Who made it?");
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
    static class Overlapping extends Scripted {
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

    static class Heard implements EncodingListener {
        final Set<Phase> phases = EnumSet.noneOf(Phase.class);
        final List<String> failures = new ArrayList<>();
        double fraction;

        @Override
        public void onProgress(EncodingProgress progress) {
            phases.add(progress.phase());
            fraction = progress.fraction();
        }

        @Override
        public void onFailed(PassageFailure failure, boolean givenUp) {
            failures.add(failure.passage().title() + ": " + failure.reason());
        }
    }

    /** The store, with one thing changed. */
    class Wrapped implements AdapterStore {
        @Override
        public String put(String id, byte[] bytes) {
            return store.put(id, bytes);
        }

        @Override
        public Optional<byte[]> get(String id) {
            return store.get(id);
        }

        @Override
        public Optional<Stat> stat(String id) {
            return store.stat(id);
        }

        @Override
        public String claim(String corpusId) {
            return store.claim(corpusId);
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
