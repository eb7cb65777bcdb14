package dev.prag.llm;

import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Weight;
import dev.prag.tensor.safetensors.StoredTensor;
import java.util.Locale;

/** Where a decoder's tensors come from, by their Hugging Face names: a model's files, or memory. */
@FunctionalInterface
public interface TensorSource {
    /**
     * The tensor of that name, which must have this shape; its memory stays valid as long as it can be reached.
     *
     * @throws dev.prag.base.UserException if it is missing, has another shape, or isn't floating point
     */
    StoredTensor require(String name, int... shape);

    /** A matrix [out, in] handed to a device. */
    default Weight weight(Device device, String name, int out, int in, DType compute) {
        StoredTensor tensor = require(name, out, in);
        return device.weight(tensor.data(), tensor.dtype(), out, in, compute);
    }

    /** The name of the type in which a tensor is stored, such as {@code bf16} or {@code q4_k}. */
    default String storedType(String name, int... shape) {
        return require(name, shape).dtype().name().toLowerCase(Locale.ROOT);
    }

    /** The error of a fault of the JVM in reading that tensor. */
    default RuntimeException unreadable(String name, InternalError fault) {
        return new IllegalStateException("tensor " + name + " can't be read", fault);
    }
}
