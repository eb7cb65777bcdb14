package dev.prag.llm;

import dev.prag.base.UserException;
import dev.prag.llm.gguf.GgufTensors;
import dev.prag.llm.gguf.GgufTensors.Named;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Weight;
import dev.prag.tensor.gguf.GgufTensor;
import dev.prag.tensor.safetensors.StoredTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The tensors of a GGUF file. Those that aren't quantised and lie in order are used where they are, as a safetensors
 * file's; of the others the rows are made while a device asks for them, so that no second copy of the file is ever in
 * memory.
 */
final class GgufWeights implements TensorSource {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final GgufTensors tensors;

    private GgufWeights(GgufTensors tensors) {
        this.tensors = tensors;
    }

    /**
     * Checks that every tensor that the configuration needs is there, in its exact shape and a type that can be read, and
     * no other.
     *
     * @throws UserException naming the tensor
     */
    static GgufWeights of(GgufTensors tensors, ModelConfig config) {
        GgufWeights weights = new GgufWeights(tensors);
        Map<String, int[]> expected = ModelWeights.expected(config);
        expected.forEach((name, shape) -> weights.find(name, shape).tensor().requireReadable());
        for (String name : tensors.names()) {
            if (!expected.containsKey(name)) {
                throw new UserException(weights.origin() + " has a tensor " + tensors.ownName(name)
                        + ", which the architecture " + config.modelType() + " has no use for here; use a model of an"
                        + " architecture that is supported");
            }
        }
        return weights;
    }

    private String origin() {
        return tensors.file().path().toString();
    }

    /** The tensor of a Hugging Face name, which must have this shape. */
    Named find(String name, int... shape) {
        Named found = tensors.find(name)
                .orElseThrow(() -> new UserException(origin() + " has no tensor " + tensors.ownName(name)
                        + ", which its metadata make necessary; use a complete GGUF file of the model"));
        if (!Arrays.equals(found.tensor().shape(), shape)) {
            throw new UserException(origin() + ": tensor " + found.tensor().name() + " has the shape "
                    + found.tensor().shapeText() + ", but the metadata make it " + Arrays.toString(shape)
                    + "; use another GGUF file of the model");
        }
        return found;
    }

    @Override
    public StoredTensor require(String name, int... shape) {
        Named found = find(name, shape);
        Optional<StoredTensor> inPlace = inPlace(name, found);
        if (inPlace.isPresent()) {
            return inPlace.get();
        }
        GgufTensor tensor = found.tensor();
        float[] values = new float[Math.multiplyExact(tensor.rows(), tensor.columns())];
        for (int row = 0; row < tensor.rows(); row++) {
            System.arraycopy(found.row(row), 0, values, row * tensor.columns(), tensor.columns());
        }
        return StoredTensor.of(name, DType.F32, shape, values);
    }

    private static Optional<StoredTensor> inPlace(String name, Named found) {
        return found.inOrder()
                ? found.tensor()
                        .type()
                        .dtype()
                        .map(dtype -> new StoredTensor(
                                name,
                                dtype,
                                found.tensor().shape(),
                                found.tensor().data()))
                : Optional.empty();
    }

    @Override
    public Weight weight(Device device, String name, int out, int in, DType compute) {
        Named found = find(name, out, in);
        Optional<StoredTensor> inPlace = inPlace(name, found);
        return inPlace.isPresent()
                ? device.weight(inPlace.get().data(), inPlace.get().dtype(), out, in, compute)
                : device.weight((row, floats) -> write(floats, found.row(row)), out, in, compute);
    }

    private static void write(MemorySegment floats, float[] values) {
        MemorySegment.copy(values, 0, floats, FLOAT, 0, values.length);
    }

    @Override
    public String storedType(String name, int... shape) {
        return find(name, shape).tensor().type().name().toLowerCase(Locale.ROOT);
    }

    @Override
    public RuntimeException unreadable(String name, InternalError fault) {
        return tensors.file().shrunk(tensors.ownName(name), fault);
    }
}
