package dev.prag.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HalvingTest {
    private static final Halving HALVING = new Halving(List.of(4, 8, 16), 0.5);

    private final List<String> tried = new ArrayList<>();
    private final List<Halving.Ranked> leading = new ArrayList<>();

    private static List<Candidate> candidates(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Candidate(String.valueOf(i), null))
                .toList();
    }

    /** Candidate i is worth i, but on few passages the last one looks best. */
    private double score(Candidate candidate, int passages) {
        tried.add(candidate.name() + "@" + passages);
        return candidate.name().equals("3") && passages > 4 ? 0 : Integer.parseInt(candidate.name());
    }

    @Test
    void theBetterHalfGoesOnToMorePassages() {
        Halving.Ranked best = HALVING.best(candidates(4), this::score, leading::add, () -> true);
        assertEquals("2", best.candidate().name());
        assertEquals(16, best.passages());
        assertEquals(List.of("0@4", "1@4", "2@4", "3@4", "3@8", "2@8", "2@16", "3@16"), tried);
        assertEquals(
                List.of("0@4", "1@4", "2@4", "3@4", "3@8", "2@8", "2@16"),
                leading.stream()
                        .map(ranked -> ranked.candidate().name() + "@" + ranked.passages())
                        .toList());
    }

    @Test
    void withoutTimeTheBestOfTheHighestRungIsTaken() {
        Halving.Ranked best = HALVING.best(candidates(4), this::score, leading::add, () -> tried.size() < 5);
        assertEquals("3", best.candidate().name());
        assertEquals(8, best.passages());
    }

    @Test
    void oneTrialIsMadeWithoutAnyTime() {
        assertEquals(
                "0",
                HALVING.best(candidates(4), this::score, leading::add, () -> false)
                        .candidate()
                        .name());
        assertEquals(List.of("0@4"), tried);
    }

    @Test
    void aLoneCandidateClimbsAllRungs() {
        assertEquals(
                16,
                HALVING.best(candidates(1), this::score, leading::add, () -> true)
                        .passages());
        assertFalse(tried.contains("1@4"));
    }
}
