package dev.prag.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.augmentation.Pair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TuningJournalTest {
    private static final Measured SOME = new Measured(0.5, Double.NaN, 7, -0.01, 2.5);

    private static final List<String> TEXTS = List.of("d1ff", "c0de");

    @TempDir
    Path folder;

    @Test
    void whatWasMeasuredIsThereAfterACrashInTheMiddleOfALine() throws IOException {
        Path file = folder.resolve("tuning").resolve("one.jsonl");
        TuningJournal journal = TuningJournal.open(file, TEXTS);
        assertTrue(journal.find("a").isEmpty());
        journal.add("a", SOME);
        assertTrue(journal.paraphrases().isEmpty());
        List<List<Pair>> paraphrases = List.of(
                List.of(new Pair("Who made it?", "Ada", "Ada made it.", "fact", "Whose work is it?")), List.of());
        journal.add(paraphrases);
        Files.writeString(file, "\n{\"key\":\"b\",\"mea", StandardOpenOption.APPEND);
        TuningJournal.open(file, TEXTS).add("c", SOME);
        TuningJournal again = TuningJournal.open(file, TEXTS);
        assertEquals(Optional.of(SOME), again.find("a"));
        assertEquals(Optional.of(paraphrases), again.paraphrases());
        assertTrue(again.find("b").isEmpty());
        assertEquals(Optional.of(SOME), again.find("c"));
        assertEquals(TEXTS, TuningJournal.texts(file));
        assertEquals(
                1,
                Files.readAllLines(file).stream()
                        .filter(line -> line.contains("texts"))
                        .count());
    }
}
