package dev.prag.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.adapterstore.Blobs;
import dev.prag.adapterstore.FileBlobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.lucene.store.LockObtainFailedException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LuceneIndexTest extends SearchEngineContract {
    @TempDir
    Path folder;

    @TempDir
    Path kept;

    private Blobs store;

    @BeforeEach
    void emptyStore() {
        store = new FileBlobs(kept);
    }

    @Override
    SearchEngine open(IndexIdentity identity, long last) throws IOException {
        return LuceneEngine.open(folder, identity, store, last);
    }

    @Override
    int mostWords() {
        return LuceneQuestion.mostWords(Filter.NONE);
    }

    @Test
    void whileAnotherProcessWritesItIsOnlySearched() throws IOException {
        corpus.put("a", null, "A lamp.");
        try (SearchEngine writer = open(IDENTITY, 1)) {
            corpus.follow(writer.current());
            writer.current().commit();
            try (SearchEngine reader = open(IDENTITY, 1)) {
                assertTrue(writer.writes());
                assertFalse(reader.writes());
                assertEquals(List.of("a"), ids(reader, "lamp", 3));
                corpus.put("b", null, "A lamp, too.");
                corpus.follow(writer.current());
                writer.current().commit();
                assertEquals(List.of("a", "b"), ids(reader, "lamp", 3), "it sees what was committed");
                FollowingIndex fresh = writer.fresh();
                corpus.follow(fresh);
                writer.install(fresh);
                corpus.delete("a");
                corpus.follow(writer.current());
                writer.current().commit();
                assertEquals(List.of("b"), ids(reader, "lamp", 3), "also in an index that took the place");
            }
            assertThrows(
                    LockObtainFailedException.class,
                    () -> open(new IndexIdentity("a corpus", Language.FRENCH), 1),
                    "what another one writes isn't touched");
        }
    }

    @Test
    void whatWasWrittenAndNotCommittedIsFollowedAgain() throws IOException {
        corpus.put("a", null, "A lamp.");
        Path copy = folder.resolveSibling(folder.getFileName() + "-copy");
        try (SearchEngine writer = open(IDENTITY, 1)) {
            corpus.follow(writer.current());
            writer.current().commit();
            corpus.put("b", null, "A lamp, too.");
            corpus.follow(writer.current());
            copy(folder, copy);
        }
        try (SearchEngine after = LuceneEngine.open(copy, IDENTITY, store, 2)) {
            assertEquals(1, after.current().written());
            corpus.follow(after.current());
            assertEquals(List.of("a", "b"), ids(after, "lamp", 3));
        }
        IndexFolder.delete(copy);
    }

    @Test
    void whatIsDamagedIsMadeAnew() throws IOException {
        corpus.put("a", null, "A lamp.");
        try (SearchEngine engine = open(IDENTITY, 1)) {
            corpus.follow(engine.current());
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(name -> name.getFileName().toString().startsWith("segments_"))
                    .toList()) {
                Files.write(file, new byte[] {1, 2, 3});
            }
        }
        try (SearchEngine engine = open(IDENTITY, 1)) {
            assertEquals(0, engine.shown());
            corpus.follow(engine.current());
            assertEquals(List.of("a"), ids(engine, "lamp", 3));
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(1, left.filter(Files::isDirectory).count(), "the damaged one is gone");
        }
    }

    @Test
    void anIndexOfAnEarlierFormatGoes() throws IOException {
        for (String name : List.of("segments_2", "_0.cfs", "_0.si", "mine.txt")) {
            Files.writeString(folder.resolve(name), "x");
        }
        try (SearchEngine engine = open(IDENTITY, 1)) {
            assertEquals(0, engine.shown());
        }
        assertTrue(Files.exists(folder.resolve("mine.txt")), "what is no index stays");
        assertFalse(Files.exists(folder.resolve("segments_2")));
        assertFalse(Files.exists(folder.resolve("_0.cfs")));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
