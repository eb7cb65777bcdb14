package dev.prag.answering;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.access.Principal;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.Hashes;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.Registration;
import dev.prag.corpus.Targets;
import dev.prag.documents.DocumentInput;
import dev.prag.documents.GivenPair;
import dev.prag.llm.ReferenceModel;
import dev.prag.lora.AdapterCodec;
import dev.prag.parameterization.Recipes;
import dev.prag.retrieval.PassageIndex;
import dev.prag.runtime.ModelRuntime;
import dev.prag.tensor.safetensors.Safetensors;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Documents of the demo encyclopedia with readers, equal texts, pairs and adapters that are drawn at random. */
@Dependent
public class DrawnCorpus {
    /** Questions that find many of them. */
    public static final List<String> QUESTIONS = List.of(
            DemoCorpus.QUESTION,
            "Who directed The Strange Stair of Woabrirk?",
            "When was the film that was produced in France released, and who is its director?");

    private static final List<List<String>> READERS =
            List.of(List.of(), List.of("blue"), List.of("red"), List.of("red", "user:vera"), List.of("blue", "green"));
    private static final int DOCUMENTS = 14;
    private static final Path PASSAGES = Path.of("src/main/demo/small/passages.jsonl");
    private static final Path ADAPTER = Path.of("src/test/resources/demo/golden-encode.safetensors");

    @Inject
    Corpus corpus;

    @Inject
    EncodingQueue queue;

    @Inject
    Targets targets;

    @Inject
    AdapterStore store;

    @Inject
    ModelRuntime runtime;

    @Inject
    Recipes recipes;

    @Inject
    PassageIndex index;

    /** A document, and whether its passage gets an adapter. */
    public record Drawn(DocumentInput input, boolean encoded) {
        public boolean isOpenTo(Principal caller) {
            return input.readers().isEmpty() || input.readers().stream().anyMatch(caller.readers()::contains);
        }
    }

    public static List<Drawn> draw(Random random) throws IOException {
        List<String> lines = Files.readAllLines(PASSAGES);
        List<Drawn> drawn = new ArrayList<>();
        for (int i = 0; i < DOCUMENTS; i++) {
            // Few different ones, so that documents of other readers have equal texts.
            JsonNode line = JsonMapper.builder().build().readTree(lines.get(random.nextInt(6)));
            List<GivenPair> pairs = random.nextInt(3) == 0
                    ? List.of(new GivenPair("What is number " + i + "?", "A film", "It is film number " + i + "."))
                    : List.of();
            DocumentInput input = new DocumentInput(
                    "drawn-" + i,
                    line.get("title").asText() + (random.nextBoolean() ? "" : " " + i),
                    line.get("text").asText(),
                    Map.of(),
                    null,
                    pairs);
            drawn.add(new Drawn(input.readBy(READERS.get(random.nextInt(READERS.size()))), random.nextBoolean()));
        }
        return drawn;
    }

    /** Makes the corpus one of these documents. */
    public void build(List<Drawn> documents) {
        clear();
        corpus.ingest(documents.stream().map(Drawn::input).toList());
        encode(documents);
        index.catchUp();
    }

    /** The documents as the caller is shown them, all but when they came. */
    public List<String> shown(List<Drawn> documents, Principal caller) {
        return documents.stream()
                .map(one -> corpus.get(
                                one.input().id(),
                                caller,
                                runtime.modelId(),
                                recipes.current().hash())
                        .map(document -> document.title() + document.readers() + document.passages())
                        .orElse("not there"))
                .toList();
    }

    public void clear() {
        corpus.deleteAll(corpus.ids());
    }

    /** Gives texts an adapter, whose id and bytes depend on whatever an encoder would see of it. */
    private void encode(List<Drawn> documents) {
        String model = runtime.modelId();
        String recipe = recipes.current().hash();
        Registration.of(targets, model, recipe);
        for (LeasedPassage leased : queue.lease(model, recipe, 100, "test", Duration.ofSeconds(30))) {
            boolean isEncoded = documents.stream()
                    .anyMatch(one -> one.encoded() && one.input().id().equals(leased.documentId()));
            if (isEncoded) {
                byte[] bytes = AdapterCodec.encode(
                        ReferenceModel.adapterOf(Safetensors.open(ADAPTER), "final."), Map.of("title", leased.title()));
                String id = Hashes.builder()
                        .add(leased.textHash())
                        .add(leased.title())
                        .hex();
                queue.beforeStoring(id);
                queue.complete(leased.encodingId(), "test", id, store.put(id, bytes), bytes.length, null);
            }
        }
        queue.release("test");
    }
}
