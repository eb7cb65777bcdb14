package dev.prag.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.access.Principal;
import dev.prag.access.Role;
import dev.prag.base.UserException;
import dev.prag.corpus.Ingested.Outcome;
import dev.prag.database.DatabaseResource;
import dev.prag.documents.DocumentInput;
import dev.prag.documents.GivenPair;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may read a document, and what that keeps apart. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ReadableByTest {
    private static final String MODEL = "model-of-readers";
    private static final String RECIPE = "recipe";
    private static final Principal BLUE = new Principal("vera", Set.of("blue"), Set.of(Role.ASK, Role.WRITE));

    @Inject
    Corpus corpus;

    @Inject
    EncodingQueue queue;

    @Inject
    Targets targets;

    @Inject
    Sql sql;

    @BeforeEach
    @AfterEach
    void empty() {
        corpus.deleteAll(sql.strings("SELECT id FROM document"));
    }

    private Ingested ingest(String id, String title, String text, String... readers) {
        return corpus.ingest(List.of(new DocumentInput(id, title, text, Map.of(), null).readBy(List.of(readers))))
                .getFirst();
    }

    private Outcome outcome(String id, String text, String... readers) {
        return ingest(id, "Title", text, readers).outcome();
    }

    @Test
    void readersAreKeptAndShownAndGoWithTheDocument() {
        assertEquals(Outcome.ADDED, outcome("d", "A text.", "user:vera", "blue", "blue"));
        assertEquals(List.of("blue", "user:vera"), readers("d"));
        assertEquals(Outcome.UNCHANGED, outcome("d", "A text.", "blue", "user:vera"));
        assertEquals(Outcome.CHANGED, outcome("d", "A text.", "red"));
        assertEquals(List.of("red"), readers("d"));
        assertEquals(Outcome.CHANGED, outcome("d", "A text."), "without readers it is everybody's");
        assertEquals(List.of(), readers("d"));
    }

    private List<String> readers(String id) {
        return corpus.get(id, MODEL, RECIPE).orElseThrow().readers();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "user:", " blue", "blue ", "a\nb", "a\u0000b", "\ud800"})
    void aReaderHasAName(String reader) {
        assertThrows(UserException.class, () -> ingest("d", "T", "Text.", reader));
    }

    @Test
    void toACallerWhatIsNotReadableIsNotThere() {
        String mine = ingest("mine", "M", "My text.", "blue").passageIds().getFirst();
        String hidden =
                ingest("hidden", "H", "A hidden text.", "red").passageIds().getFirst();
        assertTrue(corpus.get("mine", BLUE, MODEL, RECIPE).isPresent());
        assertTrue(corpus.get("hidden", BLUE, MODEL, RECIPE).isEmpty());
        assertEquals(
                List.of(mine),
                corpus.passages(List.of(hidden, mine), BLUE).stream()
                        .map(PassageText::id)
                        .toList());
        assertEquals(
                Set.of(mine),
                queue.states(MODEL, RECIPE, List.of(hidden, mine), BLUE).keySet());
        assertFalse(corpus.delete("hidden", BLUE));
        UserException taken = assertThrows(
                UserException.class,
                () -> corpus.ingest(
                        List.of(
                                new DocumentInput("new", null, "New.", Map.of(), null),
                                new DocumentInput("hidden", null, "Other.", Map.of(), null)),
                        BLUE));
        assertEquals(UserException.Kind.CONFLICT, taken.kind());
        assertEquals(
                "A hidden text.",
                corpus.get("hidden", MODEL, RECIPE)
                        .orElseThrow()
                        .passages()
                        .getFirst()
                        .text());
        assertTrue(corpus.get("new", MODEL, RECIPE).isEmpty(), "all or none");
        assertTrue(corpus.delete("mine", BLUE));
    }

    @Test
    void textsAreSharedOnlyAmongTheSameReaders() {
        ingest("open", "Open", "The same text.");
        ingest("blue", "Blue", "The same text.", "blue");
        ingest("blue-too", "Blue, too", "The same text.", "blue");
        ingest("red", "Red", "The same text.", "red");
        Registration.of(targets, MODEL, RECIPE);
        List<LeasedPassage> leased = queue.lease(MODEL, RECIPE, 10, "e", Duration.ofSeconds(20));
        assertEquals(3, leased.size());
        assertEquals(
                3, leased.stream().map(LeasedPassage::textHash).distinct().count(), "each with what is made of it");
        complete(
                leased.stream()
                        .filter(one -> one.documentId().equals("red"))
                        .findFirst()
                        .orElseThrow(),
                "0000ad0a");
        queue.release("e");
        assertEquals(EncodingState.READY, state("red"));
        assertEquals(EncodingState.PENDING, state("open"), "an adapter of what others read isn't there");
        corpus.delete("red");
        assertEquals(EncodingState.PENDING, state("open"));
    }

    private void complete(LeasedPassage leased, String adapter) {
        assertTrue(queue.complete(leased.encodingId(), "e", adapter, "sum", 1, null));
    }

    private EncodingState state(String id) {
        return corpus.get(id, MODEL, RECIPE).orElseThrow().passages().getFirst().state();
    }

    @Test
    void otherReadersEncodeNothingAgain() {
        List<GivenPair> pairs = List.of(new GivenPair("What?", "A text", "It is a text."));
        DocumentInput open = new DocumentInput("d", "Title", "A text to be read.", Map.of(), null, pairs);
        Ingested first = corpus.ingest(List.of(open)).getFirst();
        Registration.of(targets, MODEL, RECIPE);
        LeasedPassage leased =
                queue.lease(MODEL, RECIPE, 1, "e", Duration.ofSeconds(20)).getFirst();
        complete(leased, "0000ad0b");
        Ingested closed = corpus.ingest(List.of(open.readBy(List.of("blue")))).getFirst();
        assertEquals(Outcome.CHANGED, closed.outcome());
        assertEquals(first.passageIds(), closed.passageIds());
        assertEquals(EncodingState.READY, state("d"));
        assertEquals(
                "0000ad0b",
                queue.adapters(MODEL, RECIPE, closed.passageIds(), BLUE)
                        .get(closed.passageIds().getFirst())
                        .id());
        Principal red = new Principal("ole", Set.of("red"), Set.of(Role.ASK));
        assertEquals(Map.of(), queue.adapters(MODEL, RECIPE, closed.passageIds(), red));
        assertEquals(1, sql.number("SELECT count(*) FROM passage_text"));
        // The same text of a document for all is another one, and stays when the first goes.
        ingest("other", "Other", "A text to be read.");
        assertEquals(EncodingState.PENDING, state("other"));
        LeasedPassage again =
                queue.lease(MODEL, RECIPE, 1, "e", Duration.ofSeconds(20)).getFirst();
        assertNotEquals(leased.encodingId(), again.encodingId());
        complete(again, "0000ad0b");
        corpus.delete("d");
        assertEquals(EncodingState.READY, state("other"), "an adapter that both came to is kept for the other");
        assertEquals(1, sql.number("SELECT count(*) FROM adapter WHERE id = '0000ad0b'"));
    }
}
