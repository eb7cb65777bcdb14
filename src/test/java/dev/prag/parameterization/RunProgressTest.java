package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.corpus.LeasedPassage;
import dev.prag.parameterization.EncodingProgress.Phase;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunProgressTest {
    private final List<EncodingProgress> told = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final RunProgress progress = new RunProgress(
            new EncodingListener() {
                @Override
                public void onProgress(EncodingProgress now) {
                    told.add(now);
                }

                @Override
                public void onFailed(PassageFailure failure, boolean givenUp) {
                    failures.add(failure.passage().title() + ": " + failure.reason() + (givenUp ? ", given up" : ""));
                }
            },
            EncoderMetrics.unseen());

    @Test
    void workOfBothBatchesCountsAndTrainingIsToldOf() {
        progress.expect(4);
        RunProgress.Batch first = progress.begin(2, true);
        first.augmented(10, 10);
        assertLast(Phase.AUGMENTING, 0, 0.5 * 0.4);
        first.beginTraining(2);
        assertLast(Phase.TRAINING, 0, 0.5 * 0.4);
        assertEquals(0, told.getLast().tokensPerSecond());
        first.trainedOn(100, 0.5);
        assertLast(Phase.TRAINING, 0, 0.5 * 0.7);
        assertTrue(told.getLast().tokensPerSecond() > 0);

        RunProgress.Batch second = progress.begin(2, true);
        second.augmented(5, 10);
        assertLast(Phase.TRAINING, 0, 0.5 * 0.7 + 0.5 * 0.2);
        second.augmented(4, 10);
        assertLast(Phase.TRAINING, 0, 0.5 * 0.7 + 0.5 * 0.2);

        first.trainedOn(100, 1);
        first.ready(false, false);
        first.ready(false, true);
        first.end();
        assertLast(Phase.AUGMENTING, 2, 0.5 + 0.5 * 0.2);
        second.augmented(10, 10);
        second.beginTraining(2);
        second.trainedOn(50, 1);
        assertLast(Phase.TRAINING, 2, 1);
        second.ready(true, false);
        second.failed(failure("Endless", "too long"), true);
        int tellings = told.size();
        second.end();
        assertEquals(tellings, told.size(), "there is nothing that it goes on with");
        assertEquals(List.of("Endless: too long, given up"), failures);

        EncodingSummary summary = progress.summary();
        assertEquals(2, summary.trained());
        assertEquals(1, summary.reused());
        assertEquals(1, summary.failures());
        assertEquals(1, summary.givenUp());
        assertEquals(1, summary.incomplete());
        assertEquals(250, summary.tokens());
    }

    @Test
    void aPassageThatIsTriedAgainIsNotDone() {
        progress.expect(2);
        RunProgress.Batch batch = progress.begin(2, true);
        batch.failed(failure("One", "no answer"), false);
        batch.augmented(10, 10);
        assertLast(Phase.AUGMENTING, 0, 0.5 * 0.4);
    }

    @Test
    void whereAGateMayTrainAgainTheFirstTrainingIsNotAll() {
        progress.expect(1);
        RunProgress.Batch batch = progress.begin(1, false);
        batch.beginTraining(1);
        batch.mayTrain(3);
        batch.trainedOn(10, 1);
        assertLast(Phase.TRAINING, 0, 0.8);
        batch.trainAgain();
        batch.trainedOn(5, 0.5);
        assertLast(Phase.TRAINING, 0, 0.88);
        batch.trainAgain();
        batch.trainedOn(5, 1);
        assertLast(Phase.TRAINING, 0, 1);
    }

    @Test
    void portionsOfABatchFollowEachOther() {
        progress.expect(4);
        RunProgress.Batch batch = progress.begin(4, false);
        batch.beginTraining(2);
        batch.trainedOn(10, 0.5);
        assertLast(Phase.TRAINING, 0, 0.25);
        batch.trainedOn(10, 1);
        assertLast(Phase.TRAINING, 0, 0.5);
        batch.ready(false, false);
        batch.ready(false, false);
        batch.beginTraining(2);
        batch.trainedOn(10, 0.5);
        assertLast(Phase.TRAINING, 2, 0.75);
    }

    @Test
    void itNeverRunsBackwards() {
        progress.expect(2);
        RunProgress.Batch first = progress.begin(2, true);
        first.augmented(10, 10);
        first.beginTraining(2);
        first.trainedOn(10, 0.9);
        first.failed(failure("One", "no answer"), false);
        first.failed(failure("Two", "no answer"), false);
        first.end();
        progress.expect(40);
        RunProgress.Batch again = progress.begin(2, true);
        again.augmented(1, 10);
        again.dropped();
        progress.waiting();
        for (int i = 1; i < told.size(); i++) {
            assertTrue(told.get(i).fraction() >= told.get(i - 1).fraction(), told.toString());
            assertTrue(told.get(i).done() >= told.get(i - 1).done(), told.toString());
        }
    }

    private static PassageFailure failure(String title, String reason) {
        LeasedPassage passage = new LeasedPassage(1, "p", "d", 0, title, "", "Text.", "hash", 0);
        return new PassageFailure(passage, reason, "", false);
    }

    private void assertLast(Phase phase, long done, double fraction) {
        EncodingProgress last = told.getLast();
        assertEquals(phase, last.phase());
        assertEquals(done, last.done());
        assertEquals(fraction, last.fraction(), 1e-9);
    }
}
