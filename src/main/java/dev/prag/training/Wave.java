package dev.prag.training;

import dev.prag.llm.Backpropagation;
import dev.prag.llm.Batch;
import dev.prag.llm.Segment;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Sequences that go through the model together, a segment each with its learner's adapter. */
final class Wave {
    private record Part(Learner learner, Lesson lesson) {}

    private final List<Part> parts = new ArrayList<>();

    /**
     * Cuts what the learners have to do in this step, in their order, into batches that fit.
     *
     * @param most rows of a batch
     * @param prompts what holds the prompts that a batch needs
     */
    static List<Wave> of(List<Learner> learners, int most, BasePrompts prompts) {
        List<Wave> waves = new ArrayList<>();
        int rows = most;
        BasePrompts.Together together = prompts.new Together();
        for (Learner learner : learners) {
            for (Lesson lesson : learner.lessons()) {
                if (rows + lesson.rows() > most || !together.takes(lesson.prompt())) {
                    waves.add(new Wave());
                    rows = 0;
                    together = prompts.new Together();
                    together.takes(lesson.prompt());
                }
                waves.getLast().parts.add(new Part(learner, lesson));
                rows += lesson.rows();
            }
        }
        return waves;
    }

    /** Adds the gradients of the learners' current steps, and tells their losses. */
    void run(Backpropagation backpropagation, BasePrompts prompts, Tensor gradients, StepListener listener) {
        List<int[]> tables =
                prompts.read(parts.stream().map(part -> part.lesson().prompt()).toList());
        Rows rows = new Rows();
        List<Segment> segments = new ArrayList<>();
        int[] labels = new int[parts.size()];
        int[] distributions = new int[parts.size()];
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            labels[i] = rows.labelCount();
            distributions[i] = rows.softCount();
            Lesson lesson = part.lesson();
            segments.add(new Segment(
                    new Span(rows.count(), lesson.rows(), lesson.from(), tables.get(i)),
                    part.learner().composition()));
            lesson.addTo(rows);
        }
        float[] losses = backpropagation.run(
                new Batch(rows.ids(), segments), rows.labels(), rows.distributions(), prompts.cache(), gradients);
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            double loss = part.lesson().loss(losses, labels[i], rows.labelCount() + distributions[i]);
            part.learner().record(loss, listener);
        }
    }
}
