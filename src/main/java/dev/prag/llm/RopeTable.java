package dev.prag.llm;

import dev.prag.llm.ModelConfig.RopeScaling;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;

/**
 * Cosines and sines of the rotary position embedding (Su et al., 2021) for the positions of the context: cos and sin,
 * each [context, headDim/2]. Frequencies and angles are computed in f32, since the models were trained with what f32
 * makes of them.
 */
record RopeTable(Tensor cos, Tensor sin) implements AutoCloseable {
    static RopeTable of(Device device, ModelConfig config, int context) {
        float[] frequencies = inverseFrequencies(config.rope(), config.headDim());
        float[] cos = new float[context * frequencies.length];
        float[] sin = new float[cos.length];
        for (int position = 0; position < context; position++) {
            for (int i = 0; i < frequencies.length; i++) {
                float angle = position * frequencies[i];
                cos[position * frequencies.length + i] = (float) Math.cos(angle);
                sin[position * frequencies.length + i] = (float) Math.sin(angle);
            }
        }
        RopeTable table = new RopeTable(
                device.allocate(DType.F32, context, frequencies.length),
                device.allocate(DType.F32, context, frequencies.length));
        device.write(table.cos, cos);
        device.write(table.sin, sin);
        return table;
    }

    /** Radians per position of each pair of elements: theta^(-2i/headDim), stretched where the model asks for it. */
    static float[] inverseFrequencies(RopeScaling rope, int headDim) {
        float[] frequencies = new float[headDim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            float frequency = 1 / (float) Math.pow(rope.theta(), (float) (2 * i) / headDim);
            frequencies[i] = rope.type() == RopeScaling.Type.LLAMA3 ? stretched(frequency, rope) : frequency;
        }
        return frequencies;
    }

    /**
     * The rule of Llama 3.1: waves longer than the original context are slowed down by the factor, short ones stay, and
     * those between are mixed.
     */
    private static float stretched(float frequency, RopeScaling rope) {
        float wavelength = (float) (2 * Math.PI) / frequency;
        float context = rope.originalContext();
        if (wavelength > context / rope.lowFreqFactor()) {
            return frequency / rope.factor();
        }
        if (wavelength < context / rope.highFreqFactor()) {
            return frequency;
        }
        float smooth = (context / wavelength - rope.lowFreqFactor()) / (rope.highFreqFactor() - rope.lowFreqFactor());
        return (1 - smooth) * frequency / rope.factor() + smooth * frequency;
    }

    @Override
    public void close() {
        cos.close();
        sin.close();
    }
}
