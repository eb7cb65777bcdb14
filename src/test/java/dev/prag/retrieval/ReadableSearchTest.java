package dev.prag.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.access.Principal;
import dev.prag.access.Role;
import dev.prag.corpus.DocumentPassages;
import dev.prag.corpus.PassageText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever may not read all documents finds what an index without the others would give, with its scores. */
class ReadableSearchTest {
    private static final IndexIdentity IDENTITY = new IndexIdentity("a corpus", Language.NEUTRAL);
    private static final List<String> GROUPS = List.of("blue", "red", "green", "user:vera");
    private static final Principal VERA = new Principal("vera", Set.of("blue"), Set.of(Role.ASK));

    @TempDir
    Path folder;

    private int indexes;

    private LuceneIndex open() throws IOException {
        return LuceneIndex.open(folder.resolve("index-" + indexes++), IDENTITY);
    }

    private static DocumentPassages document(String id, String title, List<String> readers, String... texts) {
        List<PassageText> passages = new ArrayList<>();
        for (int i = 0; i < texts.length; i++) {
            passages.add(new PassageText(id + "-" + i, id, i, title, texts[i]));
        }
        return new DocumentPassages(id, Map.of(), readers, passages);
    }

    @Test
    void groupsAndPersonsReadWhatNamesThem() throws IOException {
        MadeUpCorpus corpus = new MadeUpCorpus();
        corpus.put(document("open", null, List.of(), "A lamp for all."));
        corpus.put(document("blue", null, List.of("blue"), "A lamp of the blue ones."));
        corpus.put(document("vera", null, List.of("red", "user:vera"), "A lamp of a person."));
        corpus.put(document("red", null, List.of("red"), "A lamp of the red ones."));
        try (LuceneIndex index = open()) {
            corpus.follow(index);
            assertEquals(Set.of("open-0", "blue-0", "vera-0"), found(index, "lamp", VERA));
            Principal nobody = new Principal("vera", Set.of(), Set.of(Role.WRITE));
            assertEquals(Set.of("open-0", "vera-0"), found(index, "lamp", nobody));
            Principal other = new Principal("ole", Set.of("user:vera", "*"), Set.of(Role.ASK));
            assertEquals(Set.of("open-0"), found(index, "lamp", other), "no group is a person");
            assertEquals(4, found(index, "lamp", Principal.LOCAL).size());
            corpus.put(document("blue", null, List.of("red"), "A lamp of the blue ones."));
            corpus.follow(index);
            assertEquals(Set.of("open-0", "vera-0"), found(index, "lamp", VERA), "readers changed");
        }
    }

    private static Set<String> found(LuceneIndex index, String question, Principal caller) throws IOException {
        return index.search(question, 10, Filter.NONE, caller).hits().stream()
                .map(Hit::passageId)
                .collect(Collectors.toSet());
    }

    @Test
    void anEqualTextIsReadByItsOwnDocumentsRights() throws IOException {
        MadeUpCorpus corpus = new MadeUpCorpus();
        corpus.put(document("a", "Lamp lamp", List.of("red"), "The same lamp."));
        corpus.put(document("b", "Something", List.of("blue"), "The same lamp."));
        try (LuceneIndex index = open()) {
            corpus.follow(index);
            assertEquals(Set.of("b-0"), found(index, "lamp", VERA));
            assertEquals(Set.of("a-0"), found(index, "lamp", Principal.LOCAL), "the best of both");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void whatCannotBeReadChangesNoScore(int seed) throws IOException {
        Random random = new Random(seed);
        Principal caller = new Principal("vera", random.nextBoolean() ? Set.of("blue") : Set.of(), Set.of(Role.ASK));
        MadeUpCorpus all = new MadeUpCorpus();
        MadeUpCorpus readable = new MadeUpCorpus();
        boolean differed = false;
        try (LuceneIndex whole = open();
                LuceneIndex part = open()) {
            for (int round = 0; round < 8; round++) {
                for (int i = 0; i < 30; i++) {
                    String id = "d" + random.nextInt(120);
                    if (random.nextInt(6) == 0) {
                        all.delete(id);
                        readable.delete(id);
                        continue;
                    }
                    DocumentPassages document = document(id, words(random, 3), readers(random), texts(random));
                    all.put(document);
                    if (ReaderTerms.of(document.readers()).stream().anyMatch(ReaderTerms.of(caller)::contains)) {
                        readable.put(document);
                    } else {
                        readable.delete(id);
                    }
                }
                all.follow(whole);
                readable.follow(part);
                for (int i = 0; i < 25; i++) {
                    String question = words(random, 1 + random.nextInt(i == 0 ? 3000 : 8));
                    Found found = whole.search(question, 5, Filter.NONE, caller);
                    assertEquals(part.search(question, 5, Filter.NONE, caller), found);
                    differed |= !found.equals(whole.search(question, 5, Filter.NONE));
                }
            }
        }
        assertTrue(differed, "what others read is found by whoever reads all");
    }

    @Test
    void whoReadsAllWithoutBeingAskedHasTheSameOrder() throws IOException {
        Random random = new Random(7);
        MadeUpCorpus corpus = new MadeUpCorpus();
        for (int i = 0; i < 200; i++) {
            corpus.put(document("d" + i, words(random, 3), List.of(), words(random, 20)));
        }
        try (LuceneIndex index = open()) {
            corpus.follow(index);
            for (int i = 0; i < 20; i++) {
                String question = words(random, 3);
                Found all = index.search(question, 5, Filter.NONE);
                Found theirs = index.search(question, 5, Filter.NONE, VERA);
                assertEquals(all.hits().size(), theirs.hits().size());
                for (int hit = 0; hit < all.hits().size(); hit++) {
                    assertEquals(
                            all.hits().get(hit).score(), theirs.hits().get(hit).score(), 1e-3);
                }
            }
        }
    }

    @Test
    void theRarestWordsAreTheRarestOfWhatIsRead() throws IOException {
        MadeUpCorpus corpus = new MadeUpCorpus();
        corpus.put(document("mine", null, List.of(), "Vikstad."));
        for (int i = 0; i < 20; i++) {
            corpus.put(document("hidden" + i, null, List.of("red"), "Vikstad. Vikstad " + i + "."));
        }
        String many = IntStream.range(0, LuceneQuestion.mostWords(Filter.NONE) + 100)
                .mapToObj(i -> "word" + i)
                .collect(Collectors.joining(" "));
        try (LuceneIndex index = open()) {
            corpus.follow(index);
            Found found = index.search(many + " vikstad", 3, Filter.NONE, VERA);
            assertTrue(found.isPartial());
            assertEquals(
                    List.of("mine-0"), found.hits().stream().map(Hit::passageId).toList());
            assertFalse(
                    index.search(many, 3, Filter.NONE, VERA).hits().iterator().hasNext());
            assertNotEquals(
                    index.search("vikstad", 1, Filter.NONE).hits().getFirst().score(),
                    index.search("vikstad", 1, Filter.NONE, VERA)
                            .hits()
                            .getFirst()
                            .score());
        }
    }

    private static List<String> readers(Random random) {
        if (random.nextInt(3) == 0) {
            return List.of();
        }
        List<String> readers = new ArrayList<>(GROUPS);
        Collections.shuffle(readers, random);
        return readers.subList(0, 1 + random.nextInt(2));
    }

    private static String[] texts(Random random) {
        return IntStream.range(0, 1 + random.nextInt(3))
                // Some are equal to others.
                .mapToObj(i -> random.nextInt(4) == 0
                        ? words(new Random(random.nextInt(5)), 12)
                        : words(random, 5 + random.nextInt(40)))
                .toArray(String[]::new);
    }

    /** Frequent ones and rare ones. */
    private static String words(Random random, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "w" + (int) Math.pow(random.nextDouble() * 8, 3))
                .collect(Collectors.joining(" "));
    }
}
