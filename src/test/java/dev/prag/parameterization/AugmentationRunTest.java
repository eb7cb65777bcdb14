package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.service.Result;
import dev.prag.augmentation.Augmenter;
import dev.prag.base.UserException;
import dev.prag.corpus.AdapterView;
import dev.prag.database.DatabaseResource;
import dev.prag.documents.DocumentInput;
import dev.prag.documents.GivenPair;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Augmentations without training, in files, and beside pairs that people gave. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class AugmentationRunTest extends EncoderSetup {
    private final Scripted service = new Scripted();

    private AugmentationRun run(Scripted by) {
        return new AugmentationRun(
                runtime,
                own,
                queue,
                targets,
                augmentations,
                new Augmenter(by, model, 8),
                model,
                Duration.ofSeconds(20),
                1);
    }

    private AugmentationFiles files() {
        return new AugmentationFiles(augmentations, model, own, runtime);
    }

    private List<AdapterView> adapters() {
        return queue.list(runtime.modelId(), own.current().hash());
    }

    @Test
    void whatIsAugmentedIsPendingAndNotAskedForAgain() throws IOException {
        ingestDemo(3);
        assertEquals(new AugmentationRun.Summary(3, 0), run(service).run(new AugmentationRun.Listener() {}));
        assertEquals(3, counts().pending());
        int asked = service.asked.get();
        assertEquals(new AugmentationRun.Summary(0, 0), run(service).run(new AugmentationRun.Listener() {}));
        assertEquals(3, encoder(service, store).run(EncodingListener.NONE).trained());
        assertEquals(asked, service.asked.get());
        Map<String, Long> figures = files().figures();
        assertEquals(3, figures.get("passages"));
        assertEquals(6, figures.get("kept"));
        assertTrue(figures.get("sentences") >= 3, figures::toString);
    }

    @Test
    void aPassageThatCannotBeAugmentedIsTriedOnceARun() throws IOException {
        ingestDemo(2);
        Scripted useless = new Scripted() {
            @Override
            public Result<String> pairs(String prompt) {
                return answer(prompt, "no JSON");
            }
        };
        assertEquals(new AugmentationRun.Summary(0, 2), run(useless).run(new AugmentationRun.Listener() {}));
        assertEquals(2, counts().pending(), "there are more attempts");
        assertEquals(new AugmentationRun.Summary(2, 0), run(service).run(new AugmentationRun.Listener() {}));
    }

    @Test
    void pairsOfPeopleComeFirstAndMakeTheirPassagePendingAgain() throws IOException {
        String text = demoText(0);
        ingest("d", "T", text);
        encoder(service, store).run(EncodingListener.NONE);
        String before = adapters().getFirst().id();
        DocumentInput with = new DocumentInput(
                "d", "T", text, Map.of(), null, List.of(new GivenPair("Who knows?", "Olga", "Olga knows.")));
        corpus.ingest(List.of(with));
        assertEquals(1, counts().pending());
        encoder(service, store).run(EncodingListener.NONE);
        assertReady(1, own);
        assertEquals(1, adapters().size(), "the former one is gone");
        assertNotEquals(before, adapters().getFirst().id());
        corpus.ingest(List.of(with));
        assertReady(1, own);
        ingest("d", "T", text);
        assertEquals(1, counts().pending(), "the pairs were taken away");
        encoder(service, store).run(EncodingListener.NONE);
        assertEquals(before, adapters().getFirst().id());
        documents.removeLast();
    }

    @Test
    void pairsOfPeopleSufficeWhereTheModelMakesNone() throws IOException {
        Scripted useless = new Scripted() {
            @Override
            public Result<String> pairs(String prompt) {
                return answer(prompt, "no JSON");
            }
        };
        corpus.ingest(List.of(new DocumentInput(
                "d", "T", demoText(0), Map.of(), null, List.of(new GivenPair("Who knows?", "Olga", null)))));
        documents.add("d");
        assertEquals(1, encoder(useless, store).run(EncodingListener.NONE).trained());
    }

    @Test
    void whatPeopleMendIsTakenInAndTrained(@TempDir Path out) throws IOException {
        ingestDemo(2);
        encoder(service, store).run(EncodingListener.NONE);
        Path file = out.resolve("a.jsonl");
        assertEquals(2, files().write(file));
        assertEquals(new AugmentationFiles.Imported(2, 2, 0), files().read(file));
        assertReady(2, own);
        List<String> lines = Files.readAllLines(file);
        String mended = lines.getFirst().replace("\"Ada\"", "\"Ada Lovelace\"");
        Files.writeString(
                file,
                mended + "\n{\"text\": \"No passage.\", \"pairs\": [{\"question\": \"A?\", \"answer\": \"b\"}]}\n");
        assertEquals(new AugmentationFiles.Imported(1, 0, 1), files().read(file));
        assertEquals(1, counts().pending());
        int asked = service.asked.get();
        assertEquals(1, encoder(service, store).run(EncodingListener.NONE).trained());
        assertEquals(asked, service.asked.get());

        Files.writeString(file, lines.getFirst().replace("\"text\":\"", "\"text\":\"x"));
        assertTrue(assertThrows(UserException.class, () -> files().read(file))
                .getMessage()
                .contains("text_hash"));
        Files.writeString(file, "{\"text\": \"a\", \"pairs\": [{\"question\": \"A?\"}]}");
        assertTrue(assertThrows(UserException.class, () -> files().read(file))
                .getMessage()
                .contains("line 1"));
    }
}
