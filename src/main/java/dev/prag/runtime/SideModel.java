package dev.prag.runtime;

import dev.prag.generation.GenerationEngine;
import dev.prag.llm.LanguageModel;
import dev.prag.tensor.Device;

/**
 * Another model than the one that answers, in the same process: with a device, weights and an engine of its own, all of
 * whose memory is free once it is closed.
 */
public final class SideModel implements AutoCloseable {
    private final Device device;
    private final LanguageModel languageModel;
    private final GenerationEngine engine;

    SideModel(Device device, LanguageModel languageModel, GenerationEngine engine) {
        this.device = device;
        this.languageModel = languageModel;
        this.engine = engine;
    }

    /** The model with its weights on the device. */
    public LanguageModel languageModel() {
        return languageModel;
    }

    /** What continues prompts. */
    public GenerationEngine engine() {
        return engine;
    }

    /** What computes before what it computes on. */
    @Override
    public void close() {
        engine.close();
        languageModel.close();
        device.close();
    }
}
