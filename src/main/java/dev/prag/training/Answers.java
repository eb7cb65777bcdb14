package dev.prag.training;

import dev.prag.llm.Backpropagation;
import dev.prag.llm.Batch;
import dev.prag.llm.Decoder;
import dev.prag.llm.Segment;
import dev.prag.lora.Composition;
import dev.prag.lora.Scope;
import dev.prag.tensor.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How likely answers are to a model with adapters: many sequences in a batch, forward only. */
final class Answers {
    /** A sequence whose last tokens are the answer, and what is in force for it, or for its end. */
    record Question(Sample sample, Composition composition, Scope scope) {
        /** The first token that is looked at: nothing predicts the very first one. */
        int from() {
            return Math.max(1, sample.answerFrom());
        }

        /** What the base model reads of it. */
        BasePrompts.Prompt prompt() {
            return BasePrompts.Prompt.of(sample.ids(), scope.from(sample.answerFrom()));
        }
    }

    private final Decoder decoder;
    private final Backpropagation backpropagation;
    private final int maxRows;

    /** @param maxRows of a batch */
    Answers(Decoder decoder, Backpropagation backpropagation, int maxRows) {
        this.decoder = decoder;
        this.backpropagation = backpropagation;
        this.maxRows = maxRows;
    }

    /** Of each question the mean loss over its answer's tokens, in nats. */
    double[] losses(List<Question> questions) {
        double[] losses = new double[questions.size()];
        List<BasePrompts.Prompt> all = questions.stream().map(Question::prompt).toList();
        try (BasePrompts prompts = new BasePrompts(decoder, backpropagation, maxRows, all)) {
            for (int from = 0; from < questions.size(); ) {
                int to = from;
                int rows = 0;
                BasePrompts.Together together = prompts.new Together();
                while (to < questions.size()) {
                    rows += rows(questions.get(to), all.get(to));
                    if (!together.takes(all.get(to)) || to > from && rows > maxRows) {
                        break;
                    }
                    to++;
                }
                together(questions.subList(from, to), all.subList(from, to), prompts, losses, from);
                from = to;
            }
        }
        return losses;
    }

    private static int rows(Question question, BasePrompts.Prompt prompt) {
        return question.sample().ids().length - prompt.ids().length;
    }

    private void together(
            List<Question> questions, List<BasePrompts.Prompt> read, BasePrompts prompts, double[] losses, int at) {
        List<int[]> tables = prompts.read(read);
        Rows rows = new Rows();
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            Question question = questions.get(i);
            int prompt = read.get(i).ids().length;
            int[] ids = question.sample().ids();
            int first = rows.count() - prompt;
            segments.add(new Segment(
                    new Span(rows.count(), ids.length - prompt, prompt, tables.get(i)), question.composition()));
            rows.addSequence(Arrays.copyOfRange(ids, prompt, ids.length));
            for (int token = question.from(); token < ids.length; token++) {
                rows.label(first + token - 1, ids[token], 1);
            }
        }
        float[] ofRows = backpropagation.losses(new Batch(rows.ids(), segments), rows.labels(), prompts.cache());
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
