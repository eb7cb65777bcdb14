package dev.prag.training;

import dev.prag.base.UserException;

/**
 * What training minimises: answers·CE + distillation·KL(teacher ‖ adapted) + neutral·KL(base ‖ adapted). CE is the
 * cross-entropy of a sample's learned tokens; the teacher is the base model with another prompt before the same answer,
 * such as one that holds the passage (Kujanpää et al., 2024, arXiv 2412.14964), over the answer's tokens; the last term
 * is taken over a neutral text, on which an adapter is to change nothing. Each is a mean over its tokens.
 *
 * @param answers weight of the samples' own tokens
 * @param distillation weight of the teacher's distributions
 * @param neutral weight of the base model's on neutral texts
 * @param topLogprobs how many of a distribution's probabilities are kept, the others being one bucket
 * @param neutralShare the most that neutral tokens are of a step's
 */
public record LossWeights(float answers, float distillation, float neutral, int topLogprobs, float neutralShare) {
    /** The answers' tokens alone. */
    public static final LossWeights ANSWERS = new LossWeights(1, 0, 0, 64, 0.5f);

    /** @throws UserException for weights that train nothing */
    public LossWeights {
        requireWeight("answers", answers);
        requireWeight("distillation", distillation);
        requireWeight("neutral", neutral);
        if (answers == 0 && distillation == 0) {
            throw new UserException(
                    "training: loss.answers and loss.distillation are both 0, so nothing is learned; give one of them"
                            + " a weight, such as 1");
        }
        if (topLogprobs < 1 || topLogprobs > 4096) {
            throw new UserException("training: loss.topLogprobs is " + topLogprobs + "; give a number from 1 to 4096");
        }
        if (!(neutralShare > 0 && neutralShare <= 0.9)) {
            throw new UserException(
                    "training: loss.neutralShare is " + neutralShare + "; give a number above 0, and at most 0.9");
        }
    }

    private static void requireWeight(String name, float weight) {
        if (!(weight >= 0 && weight <= 1000)) {
            throw new UserException("training: loss." + name + " is " + weight + "; give a weight from 0 to 1000");
        }
    }

    boolean distils() {
        return distillation > 0;
    }
}
