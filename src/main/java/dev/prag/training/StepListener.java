package dev.prag.training;

/** Hears of every step as it is taken. */
@FunctionalInterface
public interface StepListener {
    /** Hears nothing. */
    StepListener NONE = (job, step, loss) -> {};

    /**
     * @param job index of the job
     * @param step of that job, from 0
     * @param loss mean over the learned tokens of the step's sample, in nats, before the step
     */
    void onStep(int job, int step, float loss);
}
