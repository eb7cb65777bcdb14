package dev.prag.generation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.prag.llm.Decoder;
import dev.prag.llm.ModelFolder;
import dev.prag.llm.TestDevice;
import dev.prag.llm.Tokenizer;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.lora.PeftFolder;
import dev.prag.lora.ResidentAdapter;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A model on a device, with the adapters of its reference vectors. */
final class TestModel implements AutoCloseable {
    static final List<String> REFERENCE = List.of("tiny-llama-3.2", "tiny-llama-3", "tiny-llama-3.1", "tiny-qwen-2.5");
    static final Path DEMO = Path.of("src/main/demo/model");
    private static final Path REFERENCES = Path.of("src/test/resources/reference");

    private final Path path;
    private final ModelFolder folder;
    private final Device device;
    private final AdapterSlab slab;
    private final List<ResidentAdapter> loaded = new ArrayList<>();
    final Decoder decoder;

    TestModel(Path path, TestDevice device, DType compute, int context) {
        this(path, device.open(), compute, context);
    }

    private TestModel(Path path, Device device, DType compute, int context) {
        this.path = path;
        folder = ModelFolder.open(path);
        this.device = device;
        decoder = Decoder.load(folder.weights(), folder.config(), this.device, compute, context);
        slab = new AdapterSlab(this.device, folder.config().decoderShape(), 100_000);
    }

    static TestModel reference(String name, TestDevice device, DType compute) {
        return new TestModel(REFERENCES.resolve(name), device, compute, 1024);
    }

    /** On a device that this closes. */
    static TestModel reference(String name, Device device, DType compute) {
        return new TestModel(REFERENCES.resolve(name), device, compute, 1024);
    }

    static Path goldens(String name) {
        return REFERENCES.resolve(name).resolve("golden");
    }

    Tokenizer tokenizer() {
        return folder.tokenizer();
    }

    GenerationEngine engine(EngineSettings settings) {
        return new GenerationEngine(
                decoder, tokenizer(), Set.copyOf(folder.generationDefaults().eosIds()), settings);
    }

    /** An engine whose steps another stepper makes. */
    GenerationEngine engine(Stepper stepper, EngineSettings settings) {
        return new GenerationEngine(
                stepper,
                () -> TokenText.of(tokenizer().stream(true)),
                Set.copyOf(folder.generationDefaults().eosIds()),
                decoder.config().vocabSize(),
                settings);
    }

    /** An adapter of the goldens, such as {@code 0} or {@code foreign}. */
    Adapter adapter(String name) {
        return PeftFolder.read(
                path.resolve("golden/adapter-" + name), folder.config().decoderShape());
    }

    /** The same on the device, with a weight. */
    Composition.Term term(String adapter, float weight) {
        ResidentAdapter resident = slab.load(adapter(adapter));
        loaded.add(resident);
        return new Composition.Term(resident, weight);
    }

    static JsonNode json(Path file) {
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int[] ints(JsonNode array) {
        int[] ints = new int[array.size()];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = array.get(i).intValue();
        }
        return ints;
    }

    static float[] floats(JsonNode array) {
        float[] floats = new float[array.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = array.get(i).floatValue();
        }
        return floats;
    }

    @Override
    public void close() {
        loaded.forEach(ResidentAdapter::close);
        slab.close();
        decoder.close();
        device.close();
    }
}
