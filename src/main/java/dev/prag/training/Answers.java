package dev.prag.training;

import dev.prag.llm.Backpropagation;
import dev.prag.llm.Batch;
import dev.prag.llm.Segment;
import dev.prag.lora.Composition;
import dev.prag.tensor.Span;
import java.util.ArrayList;
import java.util.List;

/** How likely answers are to a model with adapters: many sequences in a batch, forward only. */
final class Answers {
    /** A sequence whose last tokens are the answer, and what is in force for it. */
    record Question(Sample sample, Composition composition) {
        /** The first token that is looked at: nothing predicts the very first one. */
        int from() {
            return Math.max(1, sample.answerFrom());
        }
    }

    private final Backpropagation backpropagation;
    private final int maxRows;

    /** @param maxRows of a batch */
    Answers(Backpropagation backpropagation, int maxRows) {
        this.backpropagation = backpropagation;
        this.maxRows = maxRows;
    }

    /** Of each question the mean loss over its answer's tokens, in nats. */
    double[] losses(List<Question> questions) {
        double[] losses = new double[questions.size()];
        for (int from = 0; from < questions.size(); ) {
            int to = from;
            int rows = 0;
            while (to < questions.size()
                    && (to == from || rows + questions.get(to).sample().ids().length <= maxRows)) {
                rows += questions.get(to++).sample().ids().length;
            }
            together(questions.subList(from, to), losses, from);
            from = to;
        }
        return losses;
    }

    private void together(List<Question> questions, double[] losses, int at) {
        Rows rows = new Rows();
        List<Segment> segments = new ArrayList<>();
        for (Question question : questions) {
            int first = rows.count();
            int[] ids = question.sample().ids();
            rows.addSequence(ids);
            segments.add(new Segment(Span.of(first, ids.length), question.composition()));
            for (int token = question.from(); token < ids.length; token++) {
                rows.label(first + token - 1, ids[token], 1);
            }
        }
        float[] ofRows = backpropagation.losses(new Batch(rows.ids(), segments), rows.labels());
        int row = 0;
        for (int i = 0; i < questions.size(); i++) {
            int tokens =
                    questions.get(i).sample().ids().length - questions.get(i).from();
            double sum = 0;
            for (int token = 0; token < tokens; token++) {
                sum += ofRows[row++];
            }
            losses[at + i] = sum / tokens;
        }
    }
}
