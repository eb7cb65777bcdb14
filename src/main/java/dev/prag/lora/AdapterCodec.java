package dev.prag.lora;

import dev.prag.base.UserException;
import dev.prag.lora.Adapter.Target;
import dev.prag.tensor.DType;
import dev.prag.tensor.safetensors.Safetensors;
import dev.prag.tensor.safetensors.StoredTensor;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An adapter as one safetensors file, which is what adapter stores keep: PEFT's tensor names, F32, with rank, scaling
 * and whatever the caller adds (the recipe, say) in the metadata. The same adapter and metadata always give the same
 * bytes.
 */
public final class AdapterCodec {
    private static final String RANK = "lora.rank";
    private static final String ALPHA = "lora.alpha";
    private static final String RSLORA = "lora.rslora";

    /** @param metadata what was given to {@link #encode} */
    public record Decoded(Adapter adapter, Map<String, String> metadata) {}

    private AdapterCodec() {}

    /**
     * The bytes of an adapter.
     *
     * @param metadata further entries; keys that begin with {@code lora.} are taken
     * @throws UserException naming the tensor, if the adapter holds what is no finite number
     */
    public static byte[] encode(Adapter adapter, Map<String, String> metadata) {
        PeftNames.requireFinite(adapter, "the adapter");
        Map<String, String> all = new TreeMap<>(metadata);
        all.put(RANK, Integer.toString(adapter.rank()));
        all.put(ALPHA, Float.toString(adapter.alpha()));
        all.put(RSLORA, Boolean.toString(adapter.rsLora()));
        return Safetensors.write(PeftNames.tensors(adapter), all);
    }

    /**
     * An adapter and its metadata as they were encoded.
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
        for (String name : stored.names()) {
            Optional<Target> target = PeftNames.targetOfA(name);
            if (target.isPresent()) {
                StoredTensor a = stored.tensor(name);
                StoredTensor b = stored.tensor(PeftNames.b(target.get()));
                if (rank < 1 || !isMatrix(a, 0, rank) || !isMatrix(b, 1, rank)) {
                    throw damaged(origin, a + " and " + b + " are not F32 of rank " + rank, null);
                }
                a.requireFinite(origin, "encode it again");
                b.requireFinite(origin, "encode it again");
                matrices.put(target.get(), new StoredAdapter.Matrices(a, b));
            }
        }
        if (matrices.isEmpty() || stored.names().size() != 2 * matrices.size()) {
            throw damaged(origin, "its tensors are not pairs of A and B", null);
        }
        return new StoredAdapter(origin, rank, alpha, rsLora, metadata, matrices);
    }

    private static boolean isMatrix(StoredTensor tensor, int dimension, int size) {
        return tensor.dtype() == DType.F32 && tensor.shape().length == 2 && tensor.shape()[dimension] == size;
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
