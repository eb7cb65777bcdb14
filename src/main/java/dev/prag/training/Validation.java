package dev.prag.training;

import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Scope;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks after each epoch how a learner answers what it doesn't learn from, keeps the adapter where it did best, and ends
 * the training where it hasn't done better for some epochs (early stopping; Prechelt, 1998). Learners without validation
 * samples are trained to their end and kept as they are then.
 */
final class Validation implements AutoCloseable {
    private final Device device;
    private final Answers answers;
    private final int patience;
    private final Scope scope;
    private final Tensor best;

    /** @param parameters where the learners' adapters lie */
    Validation(Device device, Answers answers, TrainingRecipe recipe, Tensor parameters) {
        this.device = device;
        this.answers = answers;
        this.patience = recipe.patience();
        this.scope = recipe.scope();
        this.best = device.allocate(DType.F32, parameters.rows(), parameters.cols());
    }

    /** To be called after each step, for those that took it. */
    void look(List<Learner> learners, Tensor parameters) {
        List<Learner> due = learners.stream().filter(Learner::isToBeValidated).toList();
        List<Answers.Question> questions = new ArrayList<>();
        for (Learner learner : due) {
            learner.validation()
                    .forEach(sample -> questions.add(new Answers.Question(sample, learner.composition(), scope)));
        }
        double[] losses = answers.losses(questions);
        int next = 0;
        for (Learner learner : due) {
            double sum = 0;
            int tokens = 0;
            for (Sample sample : learner.validation()) {
                sum += losses[next++] * sample.answerTokens();
                tokens += sample.answerTokens();
            }
            if (learner.validated(sum / tokens, patience)) {
                AdapterSlab.Slot slot = learner.slot();
                device.copy(slot.in(best), slot.in(parameters));
            }
        }
    }

    /** Where the best of a learner lies. */
    Tensor best() {
        return best;
    }

    @Override
    public void close() {
        best.close();
    }
}
