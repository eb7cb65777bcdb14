package dev.prag.cli.model;

import dev.prag.llm.LanguageModel;
import dev.prag.llm.ModelFolder;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.lora.DecoderShape;
import dev.prag.tensor.cpu.CpuDevice;
import java.util.ArrayList;
import java.util.List;

/** A model with its weights on the device, and the adapters in force beside it. */
final class OpenModel implements AutoCloseable {
    private final CpuDevice device;
    private final LanguageModel model;
    private final AdapterSlab slab;
    private final Composition composition;

    private OpenModel(CpuDevice device, LanguageModel model, AdapterSlab slab, Composition composition) {
        this.device = device;
        this.model = model;
        this.slab = slab;
        this.composition = composition;
    }

    static OpenModel open(ModelFolder folder, ModelOptions options, List<AdapterOptions.Weighted> adapters) {
        CpuDevice device = options.openDevice();
        LanguageModel model = null;
        try {
            model = LanguageModel.open(
                    folder, device, options.dtype(), options.context(folder.config()), options.templateTime());
            if (adapters.isEmpty()) {
                return new OpenModel(device, model, null, Composition.NONE);
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
            return new OpenModel(device, model, slab, new Composition(terms));
        } catch (RuntimeException e) {
            if (model != null) {
                model.close();
            }
            device.close();
            throw e;
        }
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
