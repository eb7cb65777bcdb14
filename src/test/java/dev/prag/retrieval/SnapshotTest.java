package dev.prag.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.adapterstore.Blobs;
import dev.prag.adapterstore.Blobs.Blob;
import dev.prag.adapterstore.FileBlobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotTest {
    private static final IndexIdentity IDENTITY = new IndexIdentity("a-corpus", Language.NEUTRAL);
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path folder;

    private final MadeUpCorpus corpus = new MadeUpCorpus();
    private Blobs store;
    private LuceneEngine writer;

    @BeforeEach
    void anIndex() throws IOException {
        store = new FileBlobs(folder.resolve("store"));
        for (int i = 0; i < 30; i++) {
            corpus.put("d" + i, "Title " + i, "Lamp number" + i + ".");
        }
        writer = open("writer", IDENTITY);
        follow(writer);
    }

    @AfterEach
    void close() throws IOException {
        writer.close();
    }

    private LuceneEngine open(String name, IndexIdentity identity) throws IOException {
        return LuceneEngine.open(folder.resolve(name), identity, store, corpus.last());
    }

    private void follow(LuceneEngine engine) throws IOException {
        corpus.follow(engine.current());
        engine.current().commit();
    }

    private Snapshot publish(Instant now) throws IOException {
        SnapshotWriter snapshots =
                new SnapshotWriter(store, "a-corpus", Duration.ofHours(1), Clock.fixed(now, ZoneOffset.UTC));
        try (LuceneIndex.Commit commit = writer.current().hold()) {
            return snapshots.publish(commit);
        }
    }

    private List<String> keys(String kind) {
        return store.list("index/a-corpus/" + kind).stream().map(Blob::key).toList();
    }

    @Test
    void whoHasNothingTakesTheNewestAndFollowsFromThere() throws IOException {
        publish(NOW);
        corpus.delete("d3");
        corpus.put("new", null, "Another lamp.");
        follow(writer);
        publish(NOW);
        corpus.put("newest", null, "One more lamp.");
        try (LuceneEngine reader = open("reader", IDENTITY)) {
            assertEquals(0, reader.shown());
            assertTrue(reader.jump(corpus.last()));
            assertEquals(32, reader.shown());
            assertEquals(writer.search("lamp number7", 5, Filter.NONE), reader.search("lamp number7", 5, Filter.NONE));
            assertFalse(reader.jump(corpus.last()), "there is nothing newer");
            follow(reader);
            assertEquals(
                    "newest",
                    reader.search("one more", 1, Filter.NONE).hits().getFirst().passageId());
        }
        try (LuceneEngine again = open("reader", IDENTITY)) {
            assertEquals(corpus.last(), again.shown(), "it is its own now");
        }
    }

    @Test
    void onlyFilesThatAreLackingAreFetched() throws IOException {
        publish(NOW);
        try (LuceneEngine reader = open("reader", IDENTITY)) {
            assertTrue(reader.jump(corpus.last()));
            List<String> before = keys("files/");
            corpus.put("new", null, "Another lamp.");
            follow(writer);
            Snapshot next = publish(NOW);
            assertTrue(
                    next.files().stream().anyMatch(file -> before.contains("index/a-corpus/files/" + file.sha256())));
            before.forEach(store::delete);
            assertTrue(reader.jump(corpus.last()), "what was there before isn't asked for");
            assertEquals(31, reader.current().passages());
        }
    }

    @Test
    void whatIsDamagedOrMissingIsRefusedAndAnEarlierOneTaken() throws IOException {
        Snapshot first = publish(NOW);
        corpus.put("new", null, "Another lamp.");
        follow(writer);
        Snapshot newest = publish(NOW);
        Snapshot.File shared = first.files().stream()
                .filter(newest.files()::contains)
                .findFirst()
                .orElseThrow();
        String damaged = "index/a-corpus/files/" + shared.sha256();
        byte[] content = store.get(damaged).orElseThrow();
        content[content.length / 2] ^= 1;
        store.put(damaged, content);
        try (LuceneEngine reader = open("reader", IDENTITY)) {
            // The segment that both share is damaged, so neither will do.
            assertFalse(reader.jump(corpus.last()));
            assertEquals(0, reader.shown());
            content[content.length / 2] ^= 1;
            store.put(damaged, content);
            String manifest = newest.key("a-corpus");
            byte[] names = store.get(manifest).orElseThrow();
            names[names.length - 3] ^= 1;
            store.put(manifest, names);
            assertTrue(reader.jump(corpus.last()));
            assertEquals(30, reader.shown(), "the one before");
            follow(reader);
            assertEquals(31, reader.current().passages());
        }
        try (Stream<Path> left = Files.list(folder.resolve("reader"))) {
            assertEquals(1, left.filter(Files::isDirectory).count());
        }
    }

    @Test
    void thoseOfAnotherCorpusLanguageOrLaterPastArePassedOver() throws IOException {
        publish(NOW);
        for (IndexIdentity other : List.of(
                new IndexIdentity("a-corpus", Language.FRENCH), new IndexIdentity("another", Language.NEUTRAL))) {
            try (LuceneEngine reader = open("other-" + other.hashCode(), other)) {
                assertFalse(reader.jump(corpus.last()));
            }
        }
        try (LuceneEngine reader = open("earlier", IDENTITY)) {
            assertFalse(reader.jump(corpus.last() - 1), "the database was set back");
        }
    }

    @Test
    void oldFilesGoAfterAWhileAndOnlyThoseThatSnapshotsNamed() throws IOException {
        store.put("index/a-corpus/files/unknown", new byte[1]);
        store.put("index/another/files/x", new byte[1]);
        // Whoever was killed before it was complete.
        Snapshot lost = new Snapshot(
                publish(NOW).data(), NOW.toEpochMilli(), List.of(new Snapshot.File("_9.cfs", 1, "ab".repeat(32))));
        store.put("index/a-corpus/files/" + "ab".repeat(32), new byte[1]);
        String key = lost.key("a-corpus");
        store.put("index/a-corpus/intents/" + key.substring(key.lastIndexOf('/') + 1), lost.toBytes());
        for (int i = 1; i <= 3; i++) {
            corpus.put("new" + i, null, "Another lamp.");
            follow(writer);
            publish(NOW.plus(Duration.ofMinutes(i)));
        }
        assertEquals(4, keys("manifests/").size(), "somebody may still read them");
        List<String> before = keys("files/");
        corpus.put("last", null, "Another lamp.");
        follow(writer);
        Snapshot newest = publish(NOW.plus(Duration.ofMinutes(64)));
        assertEquals(2, keys("manifests/").size(), "the newest two, whatever their age");
        assertEquals(List.of(), keys("intents/"));
        List<String> after = keys("files/");
        assertTrue(after.contains("index/a-corpus/files/unknown"));
        assertFalse(after.contains("index/a-corpus/files/" + "ab".repeat(32)));
        assertTrue(after.size() < before.size() + newest.files().size());
        assertEquals(1, store.list("index/another/").size());
        try (LuceneEngine reader = open("reader", IDENTITY)) {
            assertTrue(reader.jump(corpus.last()));
            assertEquals(34, reader.current().passages());
        }
    }
}
