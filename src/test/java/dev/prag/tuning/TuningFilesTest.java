package dev.prag.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.base.Home;
import dev.prag.lora.Adapter;
import dev.prag.lora.Adapter.LowRank;
import dev.prag.lora.Adapter.Target;
import dev.prag.lora.Projection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TuningFilesTest {
    @TempDir
    Path folder;

    private TuningFiles files;

    @BeforeEach
    void open() {
        files = new TuningFiles(Home.of(folder));
    }

    private void search(String name, String... texts) {
        files.journal(name, List.of(texts)).add("key", new Measured(0.5, 0.5, 7, 0, 1));
        LowRank update = new LowRank(new float[] {1}, new float[] {2});
        files.adapters(name)
                .keep("way", List.of(new Adapter(1, 2, false, Map.of(new Target(0, Projection.UP), update))));
    }

    private List<String> there() throws IOException {
        try (Stream<Path> all = Files.list(folder.resolve("tuning"))) {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void whatKnowsATextIsDeletedWithIt() throws IOException {
        assertEquals(0, files.forget(List.of("aa")), "nothing is there");
        search("one", "aa", "bb");
        search("two", "cc");
        assertEquals(0, files.forget(List.of("bb", "dd")));
        assertEquals(List.of("two.adapters.way.0", "two.adapters.way.passages", "two.jsonl"), there());
        assertEquals(0, files.forget(List.of()));
        assertEquals(3, there().size());
    }

    @Test
    void whatDoesNotSayWhatItKnowsIsDeletedToo() throws IOException {
        search("two", "cc");
        Files.writeString(folder.resolve("tuning").resolve("old.jsonl"), "\n{\"key\":\"k\"}");
        files.forget(List.of("aa"));
        assertEquals(3, there().size());
    }

    @Test
    void whatCannotBeDeletedIsCounted() throws IOException {
        // A folder that isn't empty stands in its place.
        Files.createDirectories(folder.resolve("tuning").resolve("odd.jsonl").resolve("inner"));
        assertEquals(1, files.forget(List.of("aa")));
    }
}
