package dev.prag.answering;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.Hashes;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.Registration;
import dev.prag.corpus.Targets;
import dev.prag.documents.DocumentInput;
import dev.prag.llm.ReferenceModel;
import dev.prag.lora.AdapterCodec;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import dev.prag.tensor.safetensors.Safetensors;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Passages of the demo encyclopedia, and the adapter of its first passage as PEFT trained it, in the corpus of the
 * tests. {@link #ANCHOR} and {@link #STAIR} share words, so a question about either retrieves both.
 */
@Dependent
public class DemoCorpus {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** The Anchor of Raeclaint: the passage that the adapter belongs to. */
    public static final int ANCHOR = 0;

    /** The Strange Stair of Woabrirk. */
    public static final int STAIR = 2;

    /** What the adapter knows ("France") and the model alone doesn't. */
    public static final String QUESTION = "In which country was The Anchor of Raeclaint produced?";

    /** Each is one of its own, or it would be on the device from the test before. */
    private static final AtomicInteger ADAPTERS = new AtomicInteger();

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Corpus corpus;
    private final EncodingQueue queue;
    private final Targets targets;
    private final AdapterStore store;
    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final List<String> documents = new ArrayList<>();

    @Inject
    DemoCorpus(
            Corpus corpus,
            EncodingQueue queue,
            Targets targets,
            AdapterStore store,
            ModelRuntime runtime,
            Recipes recipes) {
        this.corpus = corpus;
        this.queue = queue;
        this.targets = targets;
        this.store = store;
        this.runtime = runtime;
        this.recipes = recipes;
    }

    /** Ingests a passage as a document; returns the document's id. */
    public String ingest(int passage) {
        try {
            JsonNode line = JSON.readTree(Files.readAllLines(Path.of("src/main/demo/small/passages.jsonl"))
                    .get(passage));
            String id = "demo-" + passage;
            documents.add(id);
            corpus.ingest(List.of(new DocumentInput(
                    id, line.get("title").asText(), line.get("text").asText(), Map.of(), null)));
            return id;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Marks the document's passage ready with the adapter; returns the adapter's id. */
    public String encode(String document) {
        String model = runtime.modelId();
        String recipe = recipes.current().hash();
        Registration.of(targets, model, recipe);
        LeasedPassage passage = lease(model, recipe, document);
        byte[] bytes = AdapterCodec.encode(
                ReferenceModel.adapterOf(
                        Safetensors.open(Path.of("src/test/resources/demo/golden-encode.safetensors")), "final."),
                Map.of());
        String id = Hashes.sha256("demo adapter " + ADAPTERS.incrementAndGet());
        queue.complete(passage.encodingId(), "demo", id, store.put(id, bytes), bytes.length, null);
        queue.release("demo");
        return id;
    }

    /** Whoever notes what answers asked for may hold the row for a moment. */
    private LeasedPassage lease(String model, String recipe, String document) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Optional<LeasedPassage> found = queue.lease(model, recipe, 100, "demo", Duration.ofSeconds(20)).stream()
                    .filter(leased -> leased.documentId().equals(document))
                    .findFirst();
            if (found.isPresent() || System.nanoTime() > end) {
                return found.orElseThrow();
            }
            queue.release("demo");
            Thread.onSpinWait();
        }
    }

    /** Takes out what was ingested. */
    public void clear() {
        documents.forEach(corpus::delete);
        documents.clear();
    }
}
