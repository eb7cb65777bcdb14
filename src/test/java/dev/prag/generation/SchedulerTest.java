package dev.prag.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.generation.Scheduler.Work;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    /** Context 64, three sequences, prompts in chunks of 16 rows, blocks of 8 positions. */
    private static EngineSettings settings(int blocks) {
        return new EngineSettings(64, 3, 10, 16, 8, blocks);
    }

    private int sequences;

    /** A prompt that begins like no other. */
    private Sequence sequence(int prompt, int limit) {
        int[] ids = new int[prompt];
        ids[0] = ++sequences;
        return sequence(ids, limit);
    }

    private static Sequence sequence(int[] prompt, int limit) {
        return new Sequence(
                GenerationRequest.greedy(prompt, limit),
                Set.of(),
                limit,
                null,
                FakeModel.text(),
                TokenListener.NONE,
                () -> {});
    }

    private static void compute(List<Work> plan) {
        for (Work w : plan) {
            w.sequence().advance(w.rows());
            if (w.yields()) {
                w.sequence().accept(1, 0, null);
            }
        }
    }

    @Test
    void promptsRunInChunksBesideTheRowsOfOthers() {
        Scheduler scheduler = new Scheduler(settings(24));
        Sequence decoding = sequence(4, 9);
        scheduler.add(decoding);
        scheduler.admit(1);
        compute(scheduler.plan());
        Sequence prompt = sequence(40, 3);
        scheduler.add(prompt);
        scheduler.admit(2);
        for (int rows : new int[] {16, 16, 8}) {
            List<Work> plan = scheduler.plan();
            assertEquals(List.of(new Work(decoding, 1, true), new Work(prompt, rows, rows == 8)), plan);
            compute(plan);
        }
        assertEquals(List.of(new Work(decoding, 1, true), new Work(prompt, 1, true)), scheduler.plan());
    }

    @Test
    void aPromptIsCutAtTheSamePlacesWhateverRunsBesideIt() {
        Scheduler scheduler = new Scheduler(settings(24));
        Sequence first = sequence(20, 9);
        Sequence second = sequence(18, 9);
        scheduler.add(first);
        scheduler.add(second);
        scheduler.admit(1);
        // The second one's first chunk is 16 rows: it waits for a step that has room for all of them.
        for (int step = 0; step < 4 && second.computed() == 0; step++) {
            compute(scheduler.plan());
        }
        assertEquals(16, second.computed());
    }

    @Test
    void shortPromptsShareAStep() {
        Scheduler scheduler = new Scheduler(settings(24));
        scheduler.add(sequence(5, 2));
        scheduler.add(sequence(6, 2));
        scheduler.add(sequence(5, 2));
        scheduler.admit(1);
        assertEquals(3, scheduler.plan().size());
    }

    @Test
    void nobodyIsAdmittedWithoutAllItsBlocksAndNobodyOvertakes() {
        Scheduler scheduler = new Scheduler(settings(10));
        Sequence large = sequence(40, 20);
        Sequence second = sequence(30, 20);
        Sequence small = sequence(1, 1);
        scheduler.add(large);
        scheduler.add(second);
        scheduler.add(small);
        scheduler.admit(1);
        // 40 + 20 - 1 positions take 8 blocks; the second would need 7 of the 2 that are left.
        assertEquals(8, large.blocks().length);
        assertEquals(1, scheduler.running());
        assertEquals(2, scheduler.waiting());
        scheduler.remove(large);
        scheduler.admit(2);
        assertEquals(7, second.blocks().length);
        assertEquals(1, small.blocks().length);
        assertEquals(2, scheduler.cache().available());
    }

    @Test
    void placesAreBounded() {
        Scheduler scheduler = new Scheduler(settings(24));
        for (int i = 0; i < 5; i++) {
            scheduler.add(sequence(1, 1));
        }
        scheduler.admit(1);
        assertEquals(3, scheduler.running());
        assertEquals(2, scheduler.waiting());
    }

    @Test
    void aPrefixIsComputedOnce() {
        Scheduler scheduler = new Scheduler(settings(24));
        Sequence first = sequence(new int[40], 3);
        Sequence second = sequence(new int[30], 3);
        scheduler.add(first);
        scheduler.add(second);
        scheduler.admit(1);
        assertEquals(24 - 6 - 1, scheduler.cache().available());
        // The second shares 24 positions, which the first computes in two steps.
        for (int step = 0; step < 2; step++) {
            List<Work> plan = scheduler.plan();
            assertEquals(List.of(new Work(first, 16, false)), plan);
            compute(plan);
        }
        assertEquals(List.of(new Work(first, 8, true), new Work(second, 6, true)), scheduler.plan());
        assertEquals(24, scheduler.reused());
        scheduler.remove(first);
        scheduler.remove(second);
        Sequence third = sequence(new int[40], 3);
        scheduler.add(third);
        scheduler.admit(2);
        assertEquals(List.of(new Work(third, 8, true)), scheduler.plan());
        assertEquals(24 + 32, scheduler.reused());
    }

    @Test
    void whoWaitsForAPrefixComputesItIfItsWriterLeaves() {
        Scheduler scheduler = new Scheduler(settings(24));
        Sequence first = sequence(new int[40], 3);
        Sequence second = sequence(new int[38], 3);
        Sequence third = sequence(new int[30], 3);
        List.of(first, second, third).forEach(scheduler::add);
        scheduler.admit(1);
        compute(scheduler.plan());
        first.generation.cancel();
        scheduler.removeCancelled();
        assertEquals(List.of(new Work(second, 16, false)), scheduler.plan());
        compute(scheduler.plan());
        assertEquals(List.of(new Work(second, 6, true), new Work(third, 6, true)), scheduler.plan());
        assertEquals(16 + 24, scheduler.reused());
    }

    /** Prompts are cut where they are cut without a prefix. */
    @Test
    void theFirstChunkAfterAPrefixEndsAtAMultipleOfTheChunk() {
        Scheduler scheduler = new Scheduler(settings(24));
        Sequence first = sequence(new int[9], 1);
        scheduler.add(first);
        scheduler.admit(1);
        compute(scheduler.plan());
        scheduler.remove(first);
        Sequence second = sequence(new int[40], 3);
        scheduler.add(second);
        scheduler.admit(2);
        for (int rows : new int[] {8, 16, 8}) {
            List<Work> plan = scheduler.plan();
            assertEquals(List.of(new Work(second, rows, second.pending() == rows)), plan);
            compute(plan);
        }
    }

    @Test
    void cancelledOnesLeaveWithTheirBlocks() {
        Scheduler scheduler = new Scheduler(settings(24));
        Sequence runs = sequence(9, 9);
        Sequence stays = sequence(9, 9);
        scheduler.add(runs);
        scheduler.add(stays);
        scheduler.admit(1);
        Sequence waits = sequence(9, 9);
        scheduler.add(waits);
        runs.generation.cancel();
        waits.generation.cancel();
        assertEquals(List.of(waits, runs), scheduler.removeCancelled());
        assertEquals(24 - stays.blocks().length, scheduler.cache().available());
        assertSame(stays, scheduler.plan().getFirst().sequence());
        assertTrue(!scheduler.idle());
    }
}
