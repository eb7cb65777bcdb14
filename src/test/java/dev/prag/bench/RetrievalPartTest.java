package dev.prag.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetrievalPartTest {
    @TempDir
    Path folder;

    @Test
    void indexesAndSearchesAndLeavesNothing() throws IOException {
        List<Figure> figures = RetrievalPart.run(500, 20, 5, folder);
        assertEquals(
                List.of(
                        "index, 500 passages",
                        "index, rate",
                        "index, on disk",
                        "search, p50",
                        "search, p99",
                        "search, processor time"),
                figures.stream().map(Figure::name).toList());
        for (Figure figure : figures) {
            assertEquals("retrieval", figure.part());
            assertTrue(figure.spread().min() > 0, figure.toString());
        }
        assertEquals(20, figures.get(3).spread().runs());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void moreThanTheDiskHoldsIsRefusedWithWhatItHolds() {
        UserException refused = assertThrows(
                UserException.class, () -> RetrievalPart.requireRoom(1_000_000_000, folder, 20_000_000_000L));
        assertEquals(UserException.Kind.TOO_LARGE, refused.kind());
        String most = refused.getMessage().replaceFirst(".*give at most ([0-9,]+), or.*", "$1");
        int fits = Integer.parseInt(most.replace(",", ""));
        RetrievalPart.requireRoom(fits, folder, 20_000_000_000L);
        assertThrows(UserException.class, () -> RetrievalPart.requireRoom(fits + 1, folder, 20_000_000_000L));
    }

    @Test
    void aPercentileIsOneOfTheValues() {
        double[] hundred = new double[100];
        Arrays.setAll(hundred, i -> 100 - i);
        assertEquals(99, RetrievalPart.percentile(hundred, 99));
        assertEquals(7, RetrievalPart.percentile(new double[] {7}, 99));
    }

    @Test
    void madeUpTextIsTheSameForASeedAndHasFrequentWords() {
        String text = new MadeUpText(1).words(10_000, 10_000);
        assertEquals(text, new MadeUpText(1).words(10_000, 10_000));
        assertNotEquals(text, new MadeUpText(2).words(10_000, 10_000));
        Map<String, Long> counts = Arrays.stream(text.split(" "))
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        List<Long> frequencies =
                counts.values().stream().sorted(Comparator.reverseOrder()).toList();
        // ln 2 / ln(V + 1) is 4.8%; half of all that is drawn lies beyond rank 1,414.
        assertEquals(478, frequencies.getFirst(), 100);
        assertTrue(counts.size() > 3000, counts.size() + " different words");
    }
}
