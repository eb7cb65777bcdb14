package dev.prag.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.lora.Adapter;
import dev.prag.lora.Adapter.LowRank;
import dev.prag.lora.Adapter.Target;
import dev.prag.lora.PeftFolder;
import dev.prag.lora.Projection;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.safetensors.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** A model of the test resources, and what PyTorch, transformers and PEFT computed with it. */
public enum ReferenceModel {
    LLAMA_3("reference/tiny-llama-3"),
    LLAMA_3_1("reference/tiny-llama-3.1"),
    LLAMA_3_2("reference/tiny-llama-3.2"),
    QWEN_2_5("reference/tiny-qwen-2.5");

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path folder;

    ReferenceModel(String folder) {
        this.folder = Path.of("src/test/resources", folder);
    }

    public Path folder() {
        return folder;
    }

    public ModelConfig config() {
        return ModelFolder.open(folder).config();
    }

    public Decoder decoder(Device device, DType compute) {
        return Decoder.load(ModelFolder.open(folder).weights(), config(), device, compute, 512);
    }

    public Safetensors tensors(String name) {
        return Safetensors.open(folder.resolve("golden/" + name + ".safetensors"));
    }

    public JsonNode json(String name) {
        return json(folder.resolve("golden/" + name + ".json"));
    }

    /** The adapter that PEFT wrote: 0, 1, 2 or foreign. */
    public Adapter adapter(String name) {
        return PeftFolder.read(folder.resolve("golden/adapter-" + name), config().decoderShape());
    }

    public static JsonNode json(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Matrices under PEFT's names with a prefix, as an adapter of rank 2, alpha 32. */
    public static Adapter adapterOf(Safetensors file, String prefix) {
        Map<Target, LowRank> updates = new TreeMap<>();
        for (String name : file.names()) {
            if (name.startsWith(prefix) && name.endsWith("lora_A.weight")) {
                String[] parts = name.substring(name.indexOf("layers.") + 7).split("\\.");
                Target target = new Target(
                        Integer.parseInt(parts[0]),
                        Projection.ofModuleName(parts[2]).orElseThrow());
                float[] a = file.tensor(name).toFloats();
                float[] b = file.tensor(name.replace("lora_A", "lora_B")).toFloats();
                updates.put(target, new LowRank(a, b));
            }
        }
        return new Adapter(2, 32, false, updates);
    }

    public static int[] ids(JsonNode array) {
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = array.get(i).intValue();
        }
        return ids;
    }

    public static double[] doubles(JsonNode array) {
        double[] values = new double[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).doubleValue();
        }
        return values;
    }
}
