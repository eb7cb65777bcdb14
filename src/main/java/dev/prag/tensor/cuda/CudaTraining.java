package dev.prag.tensor.cuda;

import dev.prag.tensor.AdamW;
import dev.prag.tensor.Tensor;
import java.util.List;

/** Steps of the optimiser; see src/main/cuda/training.cu. */
final class CudaTraining {
    private static final int RANGE_BYTES = 24;

    /** Elements that a thread takes. */
    private static final int EACH = 4;

    /** What a grid may have in its second dimension. */
    private static final int MOST_RANGES = 65_535;

    private final Core core;

    CudaTraining(Core core) {
        this.core = core;
    }

    void adamW(
            Tensor parameters,
            Tensor gradients,
            Tensor firstMoments,
            Tensor secondMoments,
            AdamW hyper,
            List<AdamW.Range> ranges) {
        for (int from = 0; from < ranges.size(); from += MOST_RANGES) {
            List<AdamW.Range> some = ranges.subList(from, Math.min(ranges.size(), from + MOST_RANGES));
            step(parameters, gradients, firstMoments, secondMoments, hyper, some);
        }
    }

    private void step(
            Tensor parameters,
            Tensor gradients,
            Tensor firstMoments,
            Tensor secondMoments,
            AdamW hyper,
            List<AdamW.Range> ranges) {
        Metadata.Table table = core.queue().metadata().reserve((long) ranges.size() * RANGE_BYTES);
        long longest = 0;
        for (AdamW.Range range : ranges) {
            longest = Math.max(longest, range.length());
            table.add(range.offset()).add(range.length());
            table.add(correction(hyper.beta1(), range.step())).add(correction(hyper.beta2(), range.step()));
        }
        if (longest == 0) {
            return;
        }
        core.launch("training", "adamw")
                .grid(Math.ceilDiv(longest, (long) EACH * Core.THREADS), ranges.size())
                .block(Core.THREADS)
                .pointer(core.out(parameters))
                .pointer(Core.at(gradients))
                .pointer(core.out(firstMoments))
                .pointer(core.out(secondMoments))
                .pointer(table.address())
                .number(hyper.learningRate())
                .number((float) (1 - (double) hyper.learningRate() * hyper.weightDecay()))
                .number(hyper.beta1())
                .number((float) (1 - (double) hyper.beta1()))
                .number(hyper.beta2())
                .number((float) (1 - (double) hyper.beta2()))
                .number(hyper.epsilon())
                .go();
    }

    private static float correction(float beta, int step) {
        return (float) (1 / (1 - Math.pow(beta, step)));
    }
}
