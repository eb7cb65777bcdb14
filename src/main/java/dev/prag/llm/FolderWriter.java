package dev.prag.llm;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.llm.gguf.GgufTensors.Named;
import dev.prag.llm.gguf.HuggingFaceFiles;
import dev.prag.tensor.DType;
import dev.prag.tensor.safetensors.LazyTensor;
import dev.prag.tensor.safetensors.Safetensors;
import dev.prag.tensor.safetensors.StoredTensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Writes the model of a GGUF file as a Hugging Face folder: its JSON files, and the dequantised weights. */
public final class FolderWriter {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Map<DType, String> TORCH_NAMES =
            Map.of(DType.F32, "float32", DType.F16, "float16", DType.BF16, "bfloat16");

    private FolderWriter() {}

    /** Bytes that the weights will take. */
    public static long weightBytes(ModelFolder model, DType dtype) {
        return model.config().parameters() * dtype.bytes();
    }

    /**
     * Writes a model.
     *
     * @param model a GGUF file's
     * @param target a folder that is there
     * @param dtype of all tensors: F32 for the exact values, F16 or BF16 to which they are rounded
     * @throws UserException if the model is a folder already, a value has no place in the type, or writing fails
     */
    public static void write(ModelFolder model, Path target, DType dtype) {
        GgufFiles files = model.gguf()
                .orElseThrow(() -> new UserException("model folder " + model.path()
                        + " is a Hugging Face folder already; name a GGUF file, or use the folder as it is"));
        GgufWeights weights = GgufWeights.of(files.tensors(), model.config());
        for (String name : HuggingFaceFiles.names()) {
            ObjectNode json = HuggingFaceFiles.json(files.tensors(), name).orElseThrow();
            if (name.equals("config.json")) {
                json.put("torch_dtype", TORCH_NAMES.get(dtype));
            }
            write(target.resolve(name), json);
        }
        List<LazyTensor> tensors = new ArrayList<>();
        ModelWeights.expected(model.config()).forEach((name, shape) -> {
            Named tensor = weights.find(name, shape);
            tensors.add(new LazyTensor(name, dtype, shape, pieces -> rows(name, tensor, dtype, pieces)));
        });
        Safetensors.writeLazily(target.resolve(ModelWeights.SINGLE), tensors, Map.of("format", "pt"));
    }

    private static void write(Path file, ObjectNode json) {
        try {
            Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    file + " can't be written: " + IoReason.of(e) + "; check the disk's free space and permissions",
                    e);
        }
    }

    private static void rows(String name, Named tensor, DType dtype, Consumer<MemorySegment> pieces) {
        for (int row = 0; row < tensor.tensor().rows(); row++) {
            float[] values = tensor.row(row);
            StoredTensor stored = StoredTensor.of(name, dtype, new int[] {values.length}, values);
            stored.requireFinite(
                    tensor.tensor().file() + " as " + TORCH_NAMES.get(dtype),
                    dtype == DType.F16 ? "write it as bf16 or f32" : "use another GGUF file of the model");
            pieces.accept(stored.data());
        }
    }
}
