package dev.prag.llm;

import dev.prag.tensor.safetensors.StoredTensor;

/** Where a decoder's tensors come from, by their Hugging Face names: a model's files, or memory. */
@FunctionalInterface
public interface TensorSource {
    /**
     * The tensor of that name, which must have this shape; its memory stays valid as long as it can be reached.
     *
     * @throws dev.prag.base.UserException if it is missing, has another shape, or isn't floating point
     */
    StoredTensor require(String name, int... shape);

    /** The error of a fault of the JVM in reading that tensor. */
    default RuntimeException unreadable(String name, InternalError fault) {
        return new IllegalStateException("tensor " + name + " can't be read", fault);
    }
}
