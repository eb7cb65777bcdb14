package dev.prag.answering;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.access.Principal;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.UserException;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.EncodingState;
import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.Registration;
import dev.prag.corpus.Targets;
import dev.prag.database.DatabaseResource;
import dev.prag.documents.DocumentInput;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.AdapterAbsence;
import dev.prag.runtime.ModelRuntime;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which passages an answer rests on, through what, and what it says of the others. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class AnswerPassagesTest {
    @Inject
    DemoCorpus demo;

    @Inject
    AnswerService answers;

    @Inject
    ModelRuntime runtime;

    @Inject
    Recipes recipes;

    @Inject
    AdapterStore store;

    @Inject
    Corpus corpus;

    @Inject
    EncodingQueue queue;

    @Inject
    Targets targets;

    @Inject
    AgroalDataSource database;

    private final List<String> documents = new ArrayList<>();
    private String anchor;
    private String adapter;

    @BeforeEach
    void oneEncodedPassage() {
        anchor = demo.ingest(DemoCorpus.ANCHOR);
        adapter = demo.encode(anchor);
    }

    @AfterEach
    void leaveNothing() {
        documents.forEach(corpus::delete);
        demo.clear();
        assertEquals(0, runtime.adapters().inUse());
    }

    private void ingest(String id, String title, String text) {
        documents.add(id);
        corpus.ingest(List.of(new DocumentInput(id, title, text, Map.of(), null)));
    }

    private Answer ask(String method, String weights, Integer topK, Integer maxTokens) {
        return answers.answer(new AnswerRequest(DemoCorpus.QUESTION, method, topK, weights, maxTokens, null, null));
    }

    private EncodingState state() {
        return corpus.get(anchor, runtime.modelId(), recipes.current().hash())
                .orElseThrow()
                .passages()
                .getFirst()
                .state();
    }

    // ---- equal texts ----

    @ParameterizedTest
    @CsvSource({"sum, 1", "mean, 1", "score, 1"})
    void passagesOfEqualTextCountOnce(String rule, double weight) {
        String text = answers.find(DemoCorpus.QUESTION, 1).getFirst().text();
        Answer alone = ask("parametric", rule, 3, null);
        ingest("twin", "The Anchor of Raeclaint, once more", text);
        ingest("triplet", null, text);
        Answer answer = ask("parametric", rule, 3, null);
        assertEquals(1, answer.passages().size());
        assertEquals(weight, answer.passages().getFirst().weight());
        assertEquals(alone.text(), answer.text());
        assertEquals(List.of(), answer.notes());
        demo.ingest(DemoCorpus.STAIR);
        assertEquals(2, ask("parametric", rule, 2, null).passages().size(), "the next one takes the free place");
    }

    @Test
    void aCompositionHasAnAdapterOnce() {
        Retrieved found = answers.find(DemoCorpus.QUESTION, 1).getFirst();
        Retrieved twin = new Retrieved(found.id(), "Another title", found.text(), found.score() / 2);
        AnswerRequest request = new AnswerRequest(DemoCorpus.QUESTION, null, null, "mean", null, null, null);
        try (AnswerSession session = session(request, "parametric")) {
            List<Retrieved> composed = session.compose(List.of(found, twin));
            assertEquals(List.of(found.withWeight(1)), composed);
            assertEquals(1, runtime.adapters().inUse());
        }
    }

    // ---- what doesn't fit ----

    @ParameterizedTest
    @ValueSource(strings = {"in-context", "combined", "parametric"})
    void whatDoesNotFitIsLeftOutAndNamed(String method) {
        for (int i = 0; i < 40; i++) {
            ingest(
                    "filler-" + i,
                    "Filler " + i,
                    "Filler number " + i + " was produced in a country. " + "It says "
                            + "little of interest to anybody who has read the others. ".repeat(5) + i);
        }
        Answer answer = ask(method, "mean", 40, 20);
        assertTrue(answer.promptTokens() <= runtime.context() - 20, "room for the answer: " + answer.promptTokens());
        assertTrue(
                answer.passages().size() > 3 && answer.passages().size() < 40,
                answer.passages().size() + " fit");
        List<String> left = answer.notes().stream()
                .filter(note -> note.contains("is left out: with it the prompt would have"))
                .toList();
        assertEquals(40, answer.passages().size() + left.size(), "each is used or named");
        assertTrue(left.getLast().contains("passage ") && left.getLast().contains("context of 1024"), left.getLast());
        for (Answer.Used used : answer.passages()) {
            assertTrue(left.stream().noneMatch(note -> note.contains(used.id())), used.toString());
        }
    }

    @Test
    void oneThatIsTooLongIsPassedOverAndTheNextOnesGetIn() {
        List<Retrieved> passages = List.of(
                new Retrieved("a", "A", "Vera lives in Torsby.", 3),
                new Retrieved("long", "Long", "Nobody reads all of this. ".repeat(400), 2),
                new Retrieved("b", "B", "Ole lives in Kirkby.", 1));
        FittedPrompt fitted = fitted("Where does Vera live?", passages, 20);
        assertEquals(
                List.of("long"),
                fitted.left().stream().map(left -> left.passage().id()).toList());
        FittedPrompt without = fitted("Where does Vera live?", List.of(passages.get(0), passages.get(2)), 20);
        assertArrayEquals(without.ids(), fitted.ids());
        int alone = fitted("Where does Vera live?", List.of(), 20).ids().length;
        FittedPrompt most = fitted("Where does Vera live?", passages, 100_000);
        assertEquals(1, most.left().size(), "an endless answer leaves half of what is there to the passages");
        assertTrue(most.ids().length > alone);
        assertEquals(
                3,
                fitted("why ".repeat(200), List.of(passages.get(1), passages.get(1), passages.get(1)), 20)
                        .left()
                        .size());
    }

    @Test
    void oneThatIsTooLongForThePromptStillCountsByItsAdapter() {
        Retrieved found = answers.find(DemoCorpus.QUESTION, 1).getFirst();
        Retrieved endless = new Retrieved(found.id(), found.title(), "Nobody reads this. ".repeat(400), 1);
        AnswerRequest request = new AnswerRequest(DemoCorpus.QUESTION, null, null, "sum", null, null, null);
        try (AnswerSession session = session(request, "combined")) {
            session.inject(List.of(endless));
            Answer answer = session.answer(session.write());
            assertEquals(Answer.Through.ADAPTER, answer.passages().getFirst().through());
            assertEquals("France", answer.answer());
            assertTrue(answer.notes().getFirst().contains("counts by its adapter alone: with it"), answer.toString());
            assertTrue(answer.notes().getFirst().contains("The Anchor of Raeclaint"), answer.toString());
        }
    }

    private AnswerSession session(AnswerRequest request, String method) {
        return new AnswerSession(
                answers,
                request,
                Chat.NONE,
                request.writing(),
                Principal.LOCAL,
                answers.requireMethod(method),
                AnswerListener.NONE,
                false);
    }

    private FittedPrompt fitted(String question, List<Retrieved> passages, int maxTokens) {
        return FittedPrompt.of(
                recipes.current().prompts(),
                runtime.languageModel(),
                Chat.NONE,
                question,
                false,
                passages,
                runtime.context(),
                maxTokens);
    }

    @Test
    void onlyAQuestionThatIsTooLongByItselfIsRefused() {
        UserException e = assertThrows(UserException.class, () -> fitted("why ".repeat(3000), List.of(), 20));
        assertEquals(UserException.Kind.TOO_LARGE, e.kind());
        assertTrue(e.getMessage().contains("1024") && e.getMessage().contains("shorten the question"), e.getMessage());
    }

    @Test
    void anAnswerThatEndsWithTheContextSaysSo() {
        AnswerRequest request = new AnswerRequest(
                "Tell everything. " + "Again and again. ".repeat(150), "closed-book", null, null, 5000, 5.0, 3L);
        Answer answer = answers.answer(request);
        assertEquals("length", answer.finish());
        assertTrue(
                answer.notes().getLast().contains("where the context ends"),
                answer.notes().toString());
    }

    @Test
    void wordsThatAreNotSearchedAreNoted() {
        // Each pair is three words: its parts and the whole.
        String pairs = IntStream.range(0, 180)
                .mapToObj(i -> letters(2 * i) + "-" + letters(2 * i + 1))
                .collect(Collectors.joining(" "));
        AnswerRequest request = AnswerRequest.of(pairs, "in-context");
        String note = answers.answer(request).notes().getFirst();
        assertTrue(note.matches("the question has 540 different words, of which the rarest \\d+ were searched"), note);
    }

    private static String letters(int i) {
        return "" + (char) ('a' + i / 26) + (char) ('a' + i % 26);
    }

    // ---- why an adapter isn't in force ----

    @Test
    void anAdapterThatIsGoneIsReportedAndNothingIsChanged() {
        store.delete(adapter);
        Answer answer = ask("parametric", null, 1, null);
        Answer.Used used = answer.passages().getFirst();
        assertEquals(Answer.Through.PROMPT, used.through());
        assertEquals(WithoutAdapter.MISSING, used.withoutAdapter());
        assertTrue(
                answer.notes().getFirst().contains("missing in the store"),
                answer.notes().toString());
        assertTrue(answer.notes().getFirst().contains(used.id())
                && answer.notes().getFirst().contains("in the prompt"));
        assertEquals(EncodingState.READY, state(), "an answer never changes the corpus");
        assertEquals("France", answer.answer(), "read in the prompt");
    }

    @Test
    void anAdapterThatIsNoneIsReportedAndTheAnswerGoesOn() throws SQLException {
        String checksum = store.put(adapter, new byte[] {1, 2, 3});
        assertEquals(
                WithoutAdapter.DAMAGED,
                ask("combined", null, 1, null).passages().getFirst().withoutAdapter(),
                "it is not the one that the database knows");
        try (Connection connection = database.getConnection();
                PreparedStatement update =
                        connection.prepareStatement("UPDATE adapter SET checksum = ? WHERE id = ?")) {
            update.setString(1, checksum);
            update.setString(2, adapter);
            update.executeUpdate();
        }
        Answer answer = ask("combined", null, 1, null);
        assertEquals(WithoutAdapter.UNUSABLE, answer.passages().getFirst().withoutAdapter());
        assertTrue(
                answer.notes().getFirst().contains("can't be used"),
                answer.notes().toString());
        assertEquals(EncodingState.READY, state());
    }

    @Test
    void pendingBeingEncodedAndFailedAreToldApart() {
        demo.ingest(DemoCorpus.STAIR);
        String model = runtime.modelId();
        String recipe = recipes.current().hash();
        assertEquals(WithoutAdapter.PENDING, second().withoutAdapter(), "no row yet");
        Registration.of(targets, model, recipe);
        assertEquals(WithoutAdapter.PENDING, second().withoutAdapter());
        LeasedPassage leased =
                queue.lease(model, recipe, 1, "test", Duration.ofSeconds(20)).getFirst();
        assertEquals(WithoutAdapter.ENCODING, second().withoutAdapter());
        for (int i = 0; i < 3; i++) {
            queue.fail(leased.encodingId(), "test", "no rewrite", null, false);
            queue.lease(model, recipe, 1, "test", Duration.ofSeconds(20));
        }
        assertEquals(WithoutAdapter.FAILED, second().withoutAdapter());
        Answer answer = ask("parametric", null, 2, null);
        assertTrue(
                answer.notes().getFirst().contains("could not be encoded"),
                answer.notes().toString());
        assertNull(ask("in-context", null, 2, null).passages().get(1).withoutAdapter(), "nobody asked for it");
        queue.retryFailed(model, recipe);
        LeasedPassage again =
                queue.lease(model, recipe, 1, "test", Duration.ofSeconds(20)).getFirst();
        assertTrue(queue.withhold(again.encodingId(), "test", "of no use"));
        assertEquals(WithoutAdapter.WITHHELD, second().withoutAdapter());
        String note = ask("parametric", null, 2, null).notes().getFirst();
        assertTrue(note.contains("was withheld") && note.contains("adapter report"), note);
    }

    private Answer.Used second() {
        return ask("parametric", null, 2, null).passages().get(1);
    }

    @ParameterizedTest
    @EnumSource
    void everyAbsenceHasItsWordsAndNoPath(AdapterAbsence absence) {
        WithoutAdapter why = WithoutAdapter.of(absence);
        assertEquals(absence.name(), why.name());
        String sentence = why.sentence("p1", "not F32");
        assertTrue(sentence.contains("passage p1") && !sentence.contains("no adapter yet"), sentence);
        assertTrue(!sentence.contains("%"), sentence);
    }
}
