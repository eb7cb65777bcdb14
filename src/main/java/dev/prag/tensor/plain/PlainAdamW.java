package dev.prag.tensor.plain;

import dev.prag.tensor.AdamW;
import dev.prag.tensor.Tensor;
import java.util.List;

/** Adam with decoupled weight decay. */
final class PlainAdamW {
    private PlainAdamW() {}

    static void step(
            Tensor parameters,
            Tensor gradients,
            Tensor firstMoments,
            Tensor secondMoments,
            AdamW hyper,
            List<AdamW.Range> ranges) {
        Matrix p = flat(parameters);
        Matrix g = flat(gradients);
        Matrix m = flat(firstMoments);
        Matrix v = flat(secondMoments);
        for (AdamW.Range range : ranges) {
            double firstCorrection = 1 - Math.pow(hyper.beta1(), range.step());
            double secondCorrection = 1 - Math.pow(hyper.beta2(), range.step());
            for (int i = (int) range.offset(); i < range.offset() + range.length(); i++) {
                double gradient = g.get(0, i);
                m.set(0, i, hyper.beta1() * m.get(0, i) + (1 - (double) hyper.beta1()) * gradient);
                v.set(0, i, hyper.beta2() * v.get(0, i) + (1 - (double) hyper.beta2()) * gradient * gradient);
                double decayed = p.get(0, i) * (1 - (double) hyper.learningRate() * hyper.weightDecay());
                double direction =
                        m.get(0, i) / firstCorrection / (Math.sqrt(v.get(0, i) / secondCorrection) + hyper.epsilon());
                p.set(0, i, decayed - hyper.learningRate() * direction);
            }
        }
    }

    /** The slab as one row, since ranges count elements. */
    private static Matrix flat(Tensor slab) {
        return Matrix.of(slab).part(0, 1, Math.toIntExact(slab.size()));
    }
}
