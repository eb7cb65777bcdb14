package dev.prag.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.corpus.PassageText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.lucene.store.LockObtainFailedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LuceneIndexTest {
    @TempDir
    Path folder;

    private static PassageText passage(String id, String title, String text) {
        return new PassageText(id, "document " + id, 0, title, text);
    }

    private static List<String> ids(Found found) {
        return found.hits().stream().map(Hit::passageId).toList();
    }

    @Test
    void passagesOfEqualTextAreFoundOnce() throws IOException {
        try (LuceneIndex index = LuceneIndex.open(folder)) {
            for (int i = 0; i < 50; i++) {
                index.put(passage("same-" + i, i == 17 ? "Lamp" : null, "The lamp of the harbour."));
            }
            index.put(passage("other", null, "A lamp that stands somewhere else, far away from any harbour at all."));
            index.put(passage("third", null, "Nobody keeps this one lamp, of which there is little to be told here."));
            index.commit();
            assertEquals(List.of("same-17", "other"), ids(index.search("lamp harbour", 2)), "the best stands for all");
            assertEquals(3, index.search("lamp", 10).hits().size());
            assertEquals(1, index.search("lamp", 1).hits().size());
        }
    }

    @Test
    void ofALongQuestionTheRarestWordsAreSearched() throws IOException {
        String common = IntStream.range(0, 700).mapToObj(i -> "word" + i).collect(Collectors.joining(" "));
        try (LuceneIndex index = LuceneIndex.open(folder)) {
            for (int i = 0; i < 5; i++) {
                index.put(passage("common-" + i, null, common + " " + i));
            }
            index.put(passage("rare", "Ostrelund", "Jorun Vikstad built the lamp."));
            index.commit();
            Found found = index.search(common + " unheardof vikstad", 6);
            assertTrue(ids(found).contains("rare"), "its word is the last and the rarest");
            assertEquals(702, found.words());
            assertEquals(LuceneIndex.mostWords(), found.searched());
            assertTrue(found.isPartial());
            assertFalse(index.search("vikstad " + "again ".repeat(2000), 1).isPartial(), "different words count");
        }
    }

    @Test
    void anotherLanguageMakesItAnew() throws IOException {
        try (LuceneIndex index = LuceneIndex.open(folder)) {
            assertNull(index.outdated());
            index.put(passage("a", null, "L'architecte de Torsby."));
            index.commit();
            assertEquals(List.of("a"), ids(index.search("architecte", 3)));
            assertThrows(LockObtainFailedException.class, () -> LuceneIndex.open(folder, Language.FRENCH));
            assertEquals(List.of("a"), ids(index.search("architecte", 3)), "what another one writes isn't touched");
        }
        try (LuceneIndex index = LuceneIndex.open(folder, Language.FRENCH)) {
            assertEquals("its language is neutral, not fr", index.outdated());
            assertTrue(index.versions().isEmpty());
            index.put(passage("a", null, "L'architecte de Torsby."));
            index.commit();
        }
        try (LuceneIndex index = LuceneIndex.open(folder, Language.FRENCH)) {
            assertNull(index.outdated());
            assertEquals(List.of("a"), ids(index.search("architectes", 3)));
        }
    }
}
