package dev.prag.cli.model;

import dev.prag.llm.DevicePlan;
import dev.prag.llm.LanguageModel;
import dev.prag.llm.MemoryNeeds;
import dev.prag.llm.ModelFolder;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.lora.DecoderShape;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import java.util.ArrayList;
import java.util.List;

/** A model with its weights on the device, and the adapters in force beside it. */
final class OpenModel implements AutoCloseable {
    private static final int ROWS = 256;

    private final ModelOptions options;
    private final Device device;
    private final LanguageModel model;
    private final AdapterSlab slab;
    private final Composition composition;

    private OpenModel(
            ModelOptions options, Device device, LanguageModel model, AdapterSlab slab, Composition composition) {
        this.options = options;
        this.device = device;
        this.model = model;
        this.slab = slab;
        this.composition = composition;
    }

    static OpenModel open(ModelFolder folder, ModelOptions options, List<AdapterOptions.Weighted> adapters) {
        Device device = options.openDevice();
        LanguageModel model = null;
        try {
            requireRoom(folder, device, options.dtype(), adapters);
            model = open(folder, device, options, options.dtype());
            if (adapters.isEmpty()) {
                return new OpenModel(options, device, model, null, Composition.NONE);
            }
            List<Adapter> all =
                    adapters.stream().map(AdapterOptions.Weighted::adapter).toList();
            DecoderShape shape = folder.config().decoderShape();
            AdapterSlab slab = new AdapterSlab(
                    device,
                    shape,
                    all.stream().mapToLong(AdapterSlab::footprint).sum());
            List<Composition.Term> terms = new ArrayList<>();
            for (AdapterOptions.Weighted adapter : adapters) {
                terms.add(new Composition.Term(slab.load(adapter.adapter()), adapter.weight()));
            }
            return new OpenModel(options, device, model, slab, new Composition(terms));
        } catch (RuntimeException e) {
            if (model != null) {
                model.close();
            }
            device.close();
            throw e;
        }
    }

    /** A tool computes some rows at a time; what it brings beside the model and the adapters is small. */
    private static void requireRoom(
            ModelFolder folder, Device device, DType compute, List<AdapterOptions.Weighted> adapters) {
        new DevicePlan()
                .with("weights", MemoryNeeds.weightsOnce(folder.config(), compute))
                .with(
                        "adapters",
                        Float.BYTES
                                * adapters.stream()
                                        .mapToLong(each -> AdapterSlab.footprint(each.adapter()))
                                        .sum())
                .with("activations", MemoryNeeds.decoding(folder.config(), ROWS, ROWS))
                .with("operations", MemoryNeeds.operations(folder.config(), ROWS))
                .require(device, "the model", "give --weights int8, use a smaller model");
    }

    private static LanguageModel open(ModelFolder folder, Device device, ModelOptions options, DType compute) {
        return LanguageModel.open(folder, device, compute, options.context(folder.config()), options.templateTime());
    }

    /** The same model on the same device with another type of products; the caller closes it. */
    LanguageModel withProductsOf(DType compute) {
        return open(model.folder(), device, options, compute);
    }

    LanguageModel model() {
        return model;
    }

    /** The adapters in force. */
    Composition composition() {
        return composition;
    }

    @Override
    public void close() {
        if (slab != null) {
            slab.close();
        }
        model.close();
        device.close();
    }
}
