package dev.prag.lora;

import dev.prag.base.UserException;
import dev.prag.lora.Adapter.Target;
import dev.prag.tensor.DType;
import dev.prag.tensor.safetensors.Safetensors;
import dev.prag.tensor.safetensors.StoredTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An adapter as one safetensors file, which is what adapter stores keep: PEFT's tensor names, with rank, scaling
 * and whatever the caller adds (the recipe, say) in the metadata; in integers, also the factors of each matrix, under
 * its name and {@code .factors}. The same adapter and metadata always give the same
 * bytes.
 */
public final class AdapterCodec {
    private static final String RANK = "lora.rank";
    private static final String ALPHA = "lora.alpha";
    private static final String RSLORA = "lora.rslora";
    private static final String FACTORS = ".factors";

    /** @param metadata what was given to {@link #encode} */
    public record Decoded(Adapter adapter, Map<String, String> metadata) {}

    private AdapterCodec() {}

    /** As {@link #encode(Adapter, Map, AdapterFormat)}, exactly. */
    public static byte[] encode(Adapter adapter, Map<String, String> metadata) {
        return encode(adapter, metadata, AdapterFormat.F32);
    }

    /**
     * The bytes of an adapter.
     *
     * @param metadata further entries; keys that begin with {@code lora.} are taken
     * @throws UserException naming the tensor, if the adapter holds what is no finite number
     */
    public static byte[] encode(Adapter adapter, Map<String, String> metadata, AdapterFormat format) {
        PeftNames.requireFinite(adapter, "the adapter");
        Map<String, String> all = new TreeMap<>(metadata);
        all.put(RANK, Integer.toString(adapter.rank()));
        all.put(ALPHA, Float.toString(adapter.alpha()));
        all.put(RSLORA, Boolean.toString(adapter.rsLora()));
        return Safetensors.write(tensors(adapter, format), all);
    }

    private static List<StoredTensor> tensors(Adapter adapter, AdapterFormat format) {
        return switch (format) {
            case F32 -> PeftNames.tensors(adapter, DType.F32);
            case BF16 -> PeftNames.tensors(adapter, DType.BF16);
            case INT8 -> {
                List<StoredTensor> tensors = new ArrayList<>();
                for (StoredTensor tensor : PeftNames.tensors(adapter, DType.F32)) {
                    boolean isB = PeftNames.targetOfA(tensor.name()).isEmpty();
                    StoredMatrix matrix = StoredMatrix.quantised(tensor.name(), tensor.shape(), tensor.toFloats(), isB);
                    tensors.add(matrix.values());
                    int[] shape = {matrix.factors().length};
                    tensors.add(StoredTensor.of(tensor.name() + FACTORS, DType.F32, shape, matrix.factors()));
                }
                yield tensors;
            }
        };
    }

    /**
     * An adapter and its metadata as they were encoded, but for what the format rounds.
     *
     * @throws UserException as {@link #open}
     */
    public static Decoded decode(byte[] bytes, String origin) {
        StoredAdapter stored = open(bytes, origin);
        return new Decoded(stored.read(), stored.metadata());
    }

    /**
     * Looks at the bytes of an adapter without copying it.
     *
     * @param origin what to call the bytes in messages
     * @throws UserException if they are damaged or no adapter; whether it fits a model is not asked here
     */
    public static StoredAdapter open(byte[] bytes, String origin) {
        Safetensors stored = Safetensors.parse(bytes, origin);
        Map<String, String> metadata = new TreeMap<>(stored.metadata());
        int rank;
        float alpha;
        try {
            rank = Integer.parseInt(required(metadata, RANK, origin));
            alpha = Float.parseFloat(required(metadata, ALPHA, origin));
        } catch (NumberFormatException e) {
            throw damaged(origin, "rank or alpha is no number", e);
        }
        if (!Float.isFinite(alpha)) {
            throw damaged(origin, "alpha is " + alpha, null);
        }
        boolean rsLora = Boolean.parseBoolean(required(metadata, RSLORA, origin));
        SortedMap<Target, StoredAdapter.Matrices> matrices = new TreeMap<>();
        int tensors = 0;
        for (String name : stored.names()) {
            Optional<Target> target = PeftNames.targetOfA(name);
            if (target.isPresent()) {
                StoredMatrix a = matrix(stored, name, false, origin);
                StoredMatrix b = matrix(stored, PeftNames.b(target.get()), true, origin);
                if (rank < 1 || !isMatrix(a, 0, rank) || !isMatrix(b, 1, rank)) {
                    throw damaged(origin, a.values() + " and " + b.values() + " are not of rank " + rank, null);
                }
                matrices.put(target.get(), new StoredAdapter.Matrices(a, b));
                tensors += (a.factors() == null ? 1 : 2) + (b.factors() == null ? 1 : 2);
            }
        }
        if (matrices.isEmpty() || stored.names().size() != tensors) {
            throw damaged(origin, "its tensors are not pairs of A and B", null);
        }
        return new StoredAdapter(origin, rank, alpha, rsLora, metadata, matrices);
    }

    /** @param byColumn what the factors of integers belong to */
    private static StoredMatrix matrix(Safetensors stored, String name, boolean byColumn, String origin) {
        StoredTensor values = stored.tensor(name);
        if (values.dtype() != DType.I8) {
            values.requireFinite(origin, "encode it again");
            return new StoredMatrix(values, null, byColumn);
        }
        StoredTensor factors = stored.tensor(name + FACTORS);
        if (values.shape().length != 2
                || factors.dtype() != DType.F32
                || factors.size() != values.shape()[byColumn ? 1 : 0]) {
            throw damaged(origin, values + " and " + factors + " don't fit each other", null);
        }
        factors.requireFinite(origin, "encode it again");
        return new StoredMatrix(values, factors.toFloats(), byColumn);
    }

    private static boolean isMatrix(StoredMatrix matrix, int dimension, int size) {
        StoredTensor values = matrix.values();
        return (values.dtype() == DType.F32 || values.dtype() == DType.BF16 || values.dtype() == DType.I8)
                && values.shape().length == 2
                && values.shape()[dimension] == size;
    }

    private static String required(Map<String, String> metadata, String key, String origin) {
        String value = metadata.remove(key);
        if (value == null) {
            throw damaged(origin, "its metadata has no " + key, null);
        }
        return value;
    }

    private static UserException damaged(String origin, String what, Throwable cause) {
        return new UserException(
                UserException.Kind.BAD_INPUT,
                origin + " is not an adapter that this program wrote: " + what + "; encode it again",
                cause);
    }
}
