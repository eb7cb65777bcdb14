package dev.prag.bench;

import dev.prag.base.UserException;
import dev.prag.llm.Decoder;
import dev.prag.llm.ModelConfig;
import dev.prag.llm.ModelFolder;
import dev.prag.llm.TensorSource;
import dev.prag.lora.Adapter;
import dev.prag.lora.DecoderShape;
import dev.prag.lora.Projection;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** What is measured: a decoder on a device, of a model folder or of a shape with random weights. */
final class Subject implements AutoCloseable {
    private static final Set<Projection> FEED_FORWARD = EnumSet.of(Projection.GATE, Projection.UP, Projection.DOWN);
    private static final int CONTEXT = 4096;

    private final String name;
    private final ModelConfig config;
    private final DType dtype;
    private final Device device;
    private final Decoder decoder;

    /**
     * Where its weights come from.
     *
     * @param name for people
     */
    record Origin(String name, ModelConfig config, TensorSource weights) {
        static Origin of(ModelFolder folder) {
            return new Origin(folder.path().toString(), folder.config(), folder.weights());
        }

        /** Random weights of that shape; see {@link #requireRoom}. */
        static Origin of(ModelShape shape, TensorSource weights) {
            return new Origin(shape.label() + ", random weights", shape.config(), weights);
        }

        /** Brings them to a device. */
        Decoder load(Device device, DType dtype) {
            return Decoder.load(weights, config, device, dtype, Math.min(CONTEXT, config.maxPositions()));
        }
    }

    /** The device stays the caller's. */
    Subject(Origin origin, DType dtype, Device device) {
        name = origin.name;
        config = origin.config;
        this.dtype = dtype;
        this.device = device;
        decoder = origin.load(device, dtype);
    }

    /** @throws UserException if the weights, once as made and once as packed, don't fit the memory of this machine */
    static void requireRoom(ModelShape shape, DType dtype) {
        requireRoom(shape, dtype, physicalMemory());
    }

    /** @param have bytes of memory of this machine */
    static void requireRoom(ModelShape shape, DType dtype, long have) {
        long parameters = shape.config().parameters();
        // As made, and as the device keeps them: bf16 and f32 packed, int8 in rows, too.
        int kept = dtype == DType.I8 ? 2 : dtype.bytes();
        long need = (DType.BF16.bytes() + kept) * parameters + (2L << 30);
        if (need > have) {
            throw new UserException(
                    UserException.Kind.TOO_LARGE,
                    String.format(
                            Locale.ROOT,
                            "--shape %s needs about %.1f GiB for its weights, a packed copy and activations, and this"
                                    + " machine has %.1f GiB; choose a smaller shape",
                            shape.label(),
                            need / 0x1p30,
                            have / 0x1p30));
        }
    }

    private static long physicalMemory() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getTotalMemorySize();
    }

    String name() {
        return name;
    }

    ModelConfig config() {
        return config;
    }

    DType dtype() {
        return dtype;
    }

    Device device() {
        return device;
    }

    Decoder decoder() {
        return decoder;
    }

    /** Waits until all that was queued on the device is through. */
    void await() {
        try (Tensor behind = device.allocate(DType.F32, 1, 1)) {
            device.read(behind);
        }
    }

    /** Parameters of all layers' projections: what each token is multiplied with below the head. */
    private long layerParameters() {
        long perLayer = 0;
        for (Projection projection : Projection.values()) {
            DecoderShape.Dims dims = config.decoderShape().dims(projection);
            perLayer += (long) dims.in() * dims.out();
        }
        return config.layers() * perLayer;
    }

    /** Parameters of the output head. */
    private long headParameters() {
        return (long) config.vocabSize() * config.hiddenSize();
    }

    /** Bytes of weights that a decoding step reads. */
    long bytesRead() {
        return dtype.bytes() * (layerParameters() + headParameters());
    }

    /** An adapter of the method's shape (rank 2, alpha 32, feed-forward) that changes little. */
    Adapter adapter(long seed) {
        Adapter fresh = Adapter.initial(config.decoderShape(), 2, 32, FEED_FORWARD, seed);
        SplittableRandom random = new SplittableRandom(seed);
        Map<Adapter.Target, Adapter.LowRank> updates = new TreeMap<>();
        fresh.updates().forEach((target, update) -> {
            float[] b = new float[update.b().length];
            for (int i = 0; i < b.length; i++) {
                b[i] = (float) (random.nextDouble() - 0.5) * 1e-4f;
            }
            updates.put(target, new Adapter.LowRank(update.a(), b));
        });
        return new Adapter(2, 32, false, updates);
    }

    /** Prompts and samples: ids below the vocabulary's size. */
    int[] ids(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return random.ints(count, 0, config.vocabSize()).toArray();
    }

    /** Sizes of the products of a layer. */
    Map<Projection, DecoderShape.Dims> products() {
        Map<Projection, DecoderShape.Dims> dims = new EnumMap<>(Projection.class);
        for (Projection projection : Projection.values()) {
            dims.put(projection, config.decoderShape().dims(projection));
        }
        return dims;
    }

    @Override
    public void close() {
        decoder.close();
    }
}
