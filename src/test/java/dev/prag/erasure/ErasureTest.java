package dev.prag.erasure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.access.Principal;
import dev.prag.access.Role;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.answering.Answer;
import dev.prag.answering.AnswerListener;
import dev.prag.answering.AnswerRequest;
import dev.prag.answering.AnswerService;
import dev.prag.answering.DemoCorpus;
import dev.prag.base.Hashes;
import dev.prag.base.Home;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.Deletions;
import dev.prag.database.DatabaseResource;
import dev.prag.documents.DocumentInput;
import dev.prag.retrieval.PassageIndex;
import dev.prag.runtime.ModelRuntime;
import dev.prag.tuning.TuningFiles;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A deletion says that nothing is left when nothing is, and what is left before that. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ErasureTest {
    private static final Principal VERA = new Principal("vera", Set.of("blue"), Set.of(Role.ASK, Role.WRITE));
    private static final AnswerRequest QUESTION = AnswerRequest.of(DemoCorpus.QUESTION, "parametric");

    @Inject
    DemoCorpus demo;

    @Inject
    Corpus corpus;

    @Inject
    Deletions deletions;

    @Inject
    PassageIndex index;

    @Inject
    AdapterStore store;

    @Inject
    ModelRuntime runtime;

    @Inject
    AnswerService answers;

    @Inject
    TuningFiles tuning;

    @Inject
    Home home;

    private String anchor;
    private String adapter;

    @BeforeEach
    void oneEncodedPassage() {
        anchor = demo.ingest(DemoCorpus.ANCHOR);
        adapter = demo.encode(anchor);
    }

    @AfterEach
    void leaveNothing() {
        demo.clear();
        corpus.delete("closed");
        assertEquals(0, runtime.adapters().inUse());
    }

    private Erasure erasure(Duration patience) {
        return new Erasure(corpus, deletions, index, store, runtime, answers, tuning, patience);
    }

    private static Set<String> left(Receipt receipt) {
        return receipt.checks().stream()
                .filter(check -> check.left() > 0)
                .map(Receipt.Check::what)
                .collect(Collectors.toSet());
    }

    @Test
    void nothingIsLeftWhenItIsDone() throws IOException {
        String text = Hashes.sha256(
                corpus.get(anchor, "m", "r").orElseThrow().passages().getFirst().text());
        Path tuned = sample("a1", text);
        Path other = sample("b2", Hashes.sha256("another text"));
        Answer before = answers.answer(QUESTION);
        assertEquals(Answer.Through.ADAPTER, before.passages().getFirst().through());
        int onDevice = runtime.adapters().size();
        Receipt receipt = erasure(Duration.ofSeconds(20)).delete(anchor, VERA).orElseThrow();
        assertEquals(Set.of(), left(receipt));
        assertEquals(List.of(), receipt.left());
        assertNotNull(receipt.verifiedAt());
        assertEquals(
                Set.of(
                        "answers",
                        "encoders",
                        "prefixes",
                        "device",
                        "database",
                        "index",
                        "adapters",
                        "copies",
                        "tuning"),
                receipt.checks().stream().map(Receipt.Check::what).collect(Collectors.toSet()));
        assertEquals(onDevice - 1, runtime.adapters().size());
        assertEquals(0, runtime.engine().statistics().cachedBlocks());
        assertTrue(store.stat(adapter).isEmpty());
        assertEquals(List.of(adapter), receipt.adapters());
        assertEquals(Hashes.sha256(anchor), receipt.document());
        assertEquals("vera", receipt.by());
        assertFalse(receipt.toString().contains("Raeclaint"), "no title and no text");
        assertEquals(List.of(), answers.answer(QUESTION).passages());
        assertTrue(erasure(Duration.ZERO).delete(anchor, VERA).isEmpty(), "it is gone");
        assertFalse(Files.exists(tuned));
        assertTrue(Files.exists(other));
        Files.delete(other);
    }

    /** What a tuning keeps that had this text in its sample. */
    private Path sample(String search, String text) throws IOException {
        Files.createDirectories(home.path("tuning"));
        return Files.writeString(home.path("tuning", search + ".jsonl"), "\n{\"texts\":[\"" + text + "\"]}");
    }

    @Test
    void anAnswerThatHadBegunGoesOnAndIsSaid() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Answer> running = CompletableFuture.supplyAsync(
                () -> answers.answer(QUESTION, new AnswerListener() {
                    @Override
                    public void onText(String text) {}

                    @Override
                    public void onStart(Runnable cancel) {
                        begun.countDown();
                        try {
                            goOn.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                }),
                task -> Thread.ofPlatform().start(task));
        begun.await();
        Erasure impatient = erasure(Duration.ofMillis(10));
        Receipt receipt = impatient.delete(anchor, VERA).orElseThrow();
        assertEquals(Set.of("answers", "device"), left(receipt));
        assertNull(receipt.verifiedAt());
        assertEquals(2, receipt.left().size());
        goOn.countDown();
        assertEquals(
                Answer.Through.ADAPTER, running.join().passages().getFirst().through());
        Receipt later = impatient.receipt(receipt.id(), VERA).orElseThrow();
        assertEquals(Set.of(), left(later));
        assertNotNull(later.verifiedAt());
        assertEquals(Optional.of(later), impatient.receipt(receipt.id(), VERA), "as it was verified");
    }

    @Test
    void receiptsAreForWhoDeletedAndForAdministrators() {
        Erasure erasure = erasure(Duration.ofSeconds(20));
        corpus.ingest(
                List.of(new DocumentInput("closed", "T", "A closed text.", Map.of(), null).readBy(List.of("red"))));
        assertTrue(erasure.delete("closed", VERA).isEmpty(), "what isn't readable isn't there");
        Principal red = new Principal("ole", Set.of("red"), Set.of(Role.WRITE));
        Receipt receipt = erasure.delete("closed", red).orElseThrow();
        assertTrue(erasure.receipt(receipt.id(), red).isPresent());
        assertTrue(erasure.receipt(receipt.id(), Principal.LOCAL).isPresent());
        assertTrue(erasure.receipt(receipt.id(), VERA).isEmpty());
        assertTrue(erasure.receipt("none", Principal.LOCAL).isEmpty());
    }

    @Test
    void anAdapterThatAnotherDocumentUsesStays() {
        corpus.ingest(List.of(new DocumentInput(
                "closed",
                "Another",
                corpus.get(anchor, "m", "r").orElseThrow().passages().getFirst().text(),
                Map.of(),
                null)));
        Receipt receipt = erasure(Duration.ofSeconds(20)).delete(anchor, VERA).orElseThrow();
        assertEquals(List.of(), receipt.adapters());
        assertNotNull(receipt.verifiedAt());
        assertTrue(store.stat(adapter).isPresent());
        assertEquals(
                Answer.Through.ADAPTER,
                answers.answer(QUESTION).passages().getFirst().through());
    }
}
