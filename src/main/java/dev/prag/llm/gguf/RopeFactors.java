package dev.prag.llm.gguf;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import dev.prag.tensor.gguf.GgufTensor;

/**
 * What the frequencies of the rotary embedding are divided by, as files of Llama 3.1 and later have it in a tensor: the
 * numbers of the rule that they were made by are found again.
 */
final class RopeFactors {
    /** The rule's bounds, as all published models have them. */
    private static final float LOW = 1;

    private static final float HIGH = 4;
    private static final float CLOSE = 1e-4f;
    private static final int SHORTEST = 1 << 5;
    private static final int LONGEST = 1 << 20;

    private RopeFactors() {}

    /**
     * @return the rope_scaling of config.json; null where nothing is divided
     * @throws UserException if the rule of Llama 3.1 doesn't make such factors
     */
    static ObjectNode llama3(GgufTensor tensor, float theta, int headDim) {
        float[] factors = tensor.row(0);
        if (factors.length != headDim / 2 || tensor.rows() != 1) {
            throw new UserException(tensor.file() + ": tensor " + tensor.name() + " has the shape "
                    + tensor.shapeText() + ", but heads of " + headDim + " elements make it [" + headDim / 2
                    + "]; use another GGUF file of the model");
        }
        float factor = factors[factors.length - 1];
        if (factor == 1 && fits(factors, theta, 1, LONGEST)) {
            return null;
        }
        for (int context = SHORTEST; context <= LONGEST; context *= 2) {
            if (fits(factors, theta, factor, context)) {
                ObjectNode scaling = JsonNodeFactory.instance.objectNode();
                return scaling.put("rope_type", "llama3")
                        .put("factor", factor)
                        .put("low_freq_factor", LOW)
                        .put("high_freq_factor", HIGH)
                        .put("original_max_position_embeddings", context);
            }
        }
        throw new UserException(tensor.file() + ": tensor " + tensor.name()
                + " divides frequencies by another rule than Llama 3.1's, which is not supported; use the model's"
                + " Hugging Face folder, if it is supported");
    }

    private static boolean fits(float[] factors, float theta, float factor, int context) {
        for (int i = 0; i < factors.length; i++) {
            double frequency = 1 / Math.pow(theta, i / (double) factors.length);
            double waves = context * frequency / (2 * Math.PI);
            double expected = 1;
            if (waves < LOW) {
                expected = factor;
            } else if (waves <= HIGH) {
                double smooth = (waves - LOW) / (HIGH - LOW);
                expected = 1 / ((1 - smooth) / factor + smooth);
            }
            if (!(Math.abs(factors[i] / expected - 1) < CLOSE)) {
                return false;
            }
        }
        return true;
    }
}
