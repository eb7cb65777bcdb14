package dev.prag.answering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.access.Principal;
import dev.prag.access.Role;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.Hashes;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.DatabaseResource;
import dev.prag.corpus.DocumentInput;
import dev.prag.corpus.DocumentView;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.GivenPair;
import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.Registration;
import dev.prag.corpus.Targets;
import dev.prag.llm.ReferenceModel;
import dev.prag.lora.AdapterCodec;
import dev.prag.parameterization.Recipes;
import dev.prag.retrieval.PassageIndex;
import dev.prag.runtime.ModelRuntime;
import dev.prag.tensor.safetensors.Safetensors;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * To a caller, documents that the caller may not read don't exist: all that the caller observes of a corpus is the same
 * as of a corpus without them. Documents, readers, equal texts and what is encoded are drawn at random.
 */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class NonInterferenceTest {
    private static final List<List<String>> READERS =
            List.of(List.of(), List.of("blue"), List.of("red"), List.of("red", "user:vera"), List.of("blue", "green"));
    private static final List<Principal> CALLERS = List.of(
            new Principal("vera", Set.of("blue"), Set.of(Role.ASK)),
            new Principal("ole", Set.of("green"), Set.of(Role.ASK, Role.WRITE)),
            new Principal("nobody", Set.of(), Set.of(Role.ASK)));
    private static final List<String> QUESTIONS = List.of(
            DemoCorpus.QUESTION,
            "Who directed The Strange Stair of Woabrirk?",
            "When was the film that was produced in France released, and who is its director?");
    private static final List<String> METHODS = List.of("closed-book", "in-context", "parametric", "combined");
    private static final int DOCUMENTS = 14;

    @Inject
    AnswerService answers;

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

    @AfterEach
    void leaveNothing() {
        corpus.ids().forEach(corpus::delete);
        assertEquals(0, runtime.adapters().inUse());
    }

    /** A document, and whether its passages get an adapter. */
    private record Drawn(DocumentInput input, boolean encoded) {}

    /** What a caller can tell of answers; times are others each time. */
    private record Observed(
            String text, String finish, int promptTokens, int tokens, List<Answer.Used> passages, List<String> notes) {}

    @Test
    void whatCannotBeReadChangesNothing() throws IOException {
        Random random = new Random(12);
        boolean hadEffect = false;
        for (int round = 0; round < 3; round++) {
            List<Drawn> drawn = draw(random);
            List<Observed> everything = build(drawn, drawn, Principal.LOCAL);
            for (Principal caller : CALLERS) {
                List<Observed> among = build(drawn, drawn, caller);
                List<String> documents = documents(drawn, caller);
                List<Drawn> readable =
                        drawn.stream().filter(one -> mayRead(caller, one)).toList();
                List<Observed> alone = build(readable, drawn, caller);
                assertEquals(alone, among, caller.name());
                assertEquals(documents(drawn, caller), documents, caller.name());
                hadEffect |= !among.equals(everything);
            }
        }
        assertTrue(hadEffect, "the others would have been seen");
    }

    private static boolean mayRead(Principal caller, Drawn drawn) {
        return drawn.input().readers().isEmpty()
                || drawn.input().readers().stream().anyMatch(caller.readers()::contains);
    }

    private static List<Drawn> draw(Random random) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("src/main/demo/small/passages.jsonl"));
        List<Drawn> drawn = new ArrayList<>();
        for (int i = 0; i < DOCUMENTS; i++) {
            // Few different ones, so that documents of other readers have equal texts.
            JsonNode line = JsonMapper.builder().build().readTree(lines.get(random.nextInt(6)));
            List<GivenPair> pairs = random.nextInt(3) == 0
                    ? List.of(new GivenPair("What is number " + i + "?", "A film", "It is film number " + i + "."))
                    : List.of();
            drawn.add(new Drawn(
                    new DocumentInput(
                                    "drawn-" + i,
                                    line.get("title").asText() + (random.nextBoolean() ? "" : " " + i),
                                    line.get("text").asText(),
                                    Map.of(),
                                    null,
                                    pairs)
                            .readBy(READERS.get(random.nextInt(READERS.size()))),
                    random.nextBoolean()));
        }
        return drawn;
    }

    /** What the caller sees of a corpus of these documents. */
    private List<Observed> build(List<Drawn> there, List<Drawn> all, Principal caller) {
        corpus.ids().forEach(corpus::delete);
        corpus.ingest(there.stream().map(Drawn::input).toList());
        encode(all);
        index.catchUp();
        List<Observed> observed = new ArrayList<>();
        for (String question : QUESTIONS) {
            for (String method : METHODS) {
                Answer answer = answers.answer(
                        new AnswerRequest(question, method, 3, null, 12, null, null), caller, AnswerListener.NONE);
                observed.add(new Observed(
                        answer.text(),
                        answer.finish(),
                        answer.promptTokens(),
                        answer.tokens(),
                        answer.passages(),
                        answer.notes()));
            }
        }
        return observed;
    }

    /** Gives each text that is to have one an adapter, whose bytes depend on whatever an encoder would see of it. */
    private void encode(List<Drawn> all) {
        String model = runtime.modelId();
        String recipe = recipes.current().hash();
        Registration.of(targets, model, recipe);
        for (LeasedPassage leased : queue.lease(model, recipe, 100, "test", Duration.ofSeconds(30))) {
            boolean isEncoded = all.stream()
                    .anyMatch(one -> one.encoded() && one.input().id().equals(leased.documentId()));
            if (isEncoded) {
                byte[] bytes = AdapterCodec.encode(
                        ReferenceModel.adapterOf(
                                Safetensors.open(Path.of("src/test/resources/demo/golden-encode.safetensors")),
                                "final."),
                        Map.of("title", leased.title()));
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

    /** What the caller sees of each document: all but when it came. */
    private List<String> documents(List<Drawn> all, Principal caller) {
        return all.stream()
                .map(one -> corpus.get(
                        one.input().id(),
                        caller,
                        runtime.modelId(),
                        recipes.current().hash()))
                .map(NonInterferenceTest::shown)
                .toList();
    }

    private static String shown(Optional<DocumentView> view) {
        return view.map(document -> document.title() + document.readers() + document.passages())
                .orElse("not there");
    }
}
