package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.lora.Scope;
import dev.prag.training.Sample;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingPaceTest {
    private static final Duration PORTION = Duration.ofSeconds(100);

    private static List<EncodingItem> items(int count, int tokens) {
        List<Sample> samples = List.of(new Sample(new int[tokens], 0));
        return Collections.nCopies(
                count, new EncodingItem(null, null, "a", new SampleBuilder.Samples(samples, List.of(), List.of())));
    }

    @Test
    void whatTakesNoTimeIsTrainedTogether() {
        TrainingPace pace = new TrainingPace(PORTION, 4_000_000, 1, Scope.PROMPT);
        assertEquals(16, pace.next(items(16, 1000)).size());
        assertEquals(1, pace.next(items(1, 1000)).size());
    }

    @Test
    void aLargeModelBeginsWithFewAndEpochsCount() {
        // 4 * 500 M / 50 G = 0.04 s a token, so that 16 passages of 1,000 tokens take 640 s.
        assertEquals(
                3,
                new TrainingPace(PORTION, 500_000_000, 1, Scope.PROMPT)
                        .next(items(16, 1000))
                        .size());
        assertEquals(
                2,
                new TrainingPace(PORTION, 500_000_000, 3, Scope.PROMPT)
                        .next(items(16, 1000))
                        .size());
    }

    @Test
    void whatABaseModelReadsIsNotTrainedOn() {
        // The first 800 of its tokens are the prompt, of which the last one is computed with the adapter.
        List<EncodingItem> items = Collections.nCopies(
                16,
                new EncodingItem(
                        null,
                        null,
                        "a",
                        new SampleBuilder.Samples(List.of(new Sample(new int[1000], 800)), List.of(), List.of())));
        assertEquals(1000, items.getFirst().tokens(Scope.PROMPT));
        assertEquals(201, items.getFirst().tokens(Scope.ANSWER));
        assertEquals(
                8,
                new TrainingPace(PORTION, 500_000_000, 1, Scope.ANSWER)
                        .next(items)
                        .size());
    }

    @Test
    void whatWasMeasuredDecidesFromThenOn() {
        TrainingPace pace = new TrainingPace(PORTION, 500_000_000, 3, Scope.PROMPT);
        pace.took(items(2, 1000), Duration.ofSeconds(20));
        assertEquals(8, pace.next(items(16, 1000)).size());
        pace.took(items(8, 1000), Duration.ofSeconds(400));
        assertEquals(2, pace.next(items(8, 1000)).size());
    }

    @Test
    void noneIsLeftAlone() {
        TrainingPace pace = new TrainingPace(Duration.ofNanos(1), 500_000_000, 1, Scope.PROMPT);
        assertEquals(3, pace.next(items(3, 1000)).size());
        assertEquals(3, pace.next(items(5, 1000)).size());
        assertEquals(2, pace.next(items(2, 1000)).size());
        assertEquals(1, pace.next(items(1, 1000)).size());
    }

    @Test
    void withoutTokensThereIsNothingToWaitFor() {
        TrainingPace pace = new TrainingPace(PORTION, 500_000_000, 1, Scope.PROMPT);
        pace.took(items(2, 0), Duration.ofSeconds(1));
        assertEquals(4, pace.next(items(4, 0)).size());
    }
}
