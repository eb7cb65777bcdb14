package dev.prag.generation;

import dev.prag.base.UserException;

/**
 * How the tokens of one request are chosen; {@link dev.prag.tensor.SamplingRow} says in which order the steps apply.
 *
 * @param temperature 0 is greedy
 * @param topK 0 is off
 * @param topP in (0, 1]; 1 is off
 * @param repetitionPenalty over the prompt and what was generated (Keskar et al., 2019); 1 is off
 * @param seed start of this request's own random numbers: the same request with the same seed gives the same tokens,
 *     whatever shares its batch
 */
public record Sampling(float temperature, int topK, float topP, float repetitionPenalty, long seed) {
    /** The best token each time. */
    public static final Sampling GREEDY = new Sampling(0, 0, 1, 1, 0);

    public Sampling {
        if (!(temperature >= 0) || Float.isInfinite(temperature)) {
            throw new UserException("temperature " + temperature + ": must be 0 (greedy) or a positive number");
        }
        if (topK < 0) {
            throw new UserException("top_k " + topK + ": must be 0 (off) or more");
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new UserException("top_p " + topP + ": must be above 0 and at most 1 (off)");
        }
        if (!(repetitionPenalty > 0) || Float.isInfinite(repetitionPenalty)) {
            throw new UserException("repetition_penalty " + repetitionPenalty + ": must be positive; 1 is off");
        }
    }

    /** At that temperature, over the whole vocabulary. */
    public static Sampling of(float temperature, long seed) {
        return new Sampling(temperature, 0, 1, 1, seed);
    }

    boolean penalised() {
        return repetitionPenalty != 1;
    }
}
