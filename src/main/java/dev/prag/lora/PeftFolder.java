package dev.prag.lora;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.Utf8;
import dev.prag.lora.Adapter.LowRank;
import dev.prag.lora.Adapter.Target;
import dev.prag.tensor.safetensors.Safetensors;
import dev.prag.tensor.safetensors.StoredTensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Adapters in the folder layout of Hugging Face PEFT: {@code adapter_config.json} beside {@code
 * adapter_model.safetensors}. What PEFT trained loads here, and what is written here loads there.
 */
public final class PeftFolder {
    private static final String CONFIG = "adapter_config.json";
    private static final String TENSORS = "adapter_model.safetensors";

    private PeftFolder() {}

    /**
     * Reads an adapter; its matrices may be F32, F16 or BF16.
     *
     * @param shape of the model that it has to fit
     * @throws UserException naming what is missing, damaged, not supported, or made for another model
     */
    public static Adapter read(Path folder, DecoderShape shape) {
        PeftConfig config =
                PeftConfig.parse(readConfig(folder), folder.resolve(CONFIG).toString());
        Path file = folder.resolve(TENSORS);
        if (!Files.isRegularFile(file)) {
            boolean pickled = Files.exists(folder.resolve("adapter_model.bin"));
            throw new UserException(
                    UserException.Kind.NOT_FOUND,
                    "adapter folder " + folder + ": " + TENSORS + " is missing; "
                            + (pickled
                                    ? "adapter_model.bin is not supported, save it as safetensors"
                                    : "copy the adapter's folder whole"));
        }
        Safetensors stored = Safetensors.open(file);
        Map<Target, LowRank> updates = new TreeMap<>();
        Set<String> left = new HashSet<>(stored.names());
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (Projection projection : Projection.values()) {
                Target target = new Target(layer, projection);
                if (config.targets().test(PeftNames.module(target))) {
                    DecoderShape.Dims dims = shape.dims(projection);
                    float[] a = values(stored, file, PeftNames.a(target), config.rank(), dims.in());
                    float[] b = values(stored, file, PeftNames.b(target), dims.out(), config.rank());
                    updates.put(target, new LowRank(a, b));
                    left.remove(PeftNames.a(target));
                    left.remove(PeftNames.b(target));
                }
            }
        }
        if (!left.isEmpty()) {
            throw new UserException(
                    file + ": tensor " + left.stream().sorted().findFirst().orElseThrow()
                            + " is not one that target_modules and the model's " + shape.layers()
                            + " layers call for; the adapter was made for another model or in a way that is not"
                            + " supported");
        }
        if (updates.isEmpty()) {
            throw new UserException(folder.resolve(CONFIG) + ": target_modules matches no projection of this model's;"
                    + " the adapter was made for another model");
        }
        return new Adapter(config.rank(), config.alpha(), config.rsLora(), updates);
    }

    private static String readConfig(Path folder) {
        Path file = folder.resolve(CONFIG);
        if (!Files.isRegularFile(file)) {
            throw new UserException(
                    UserException.Kind.NOT_FOUND,
                    "adapter folder " + folder + ": " + CONFIG
                            + " is missing; name a folder that PEFT or this program wrote");
        }
        return Utf8.read(file, file.toString());
    }

    private static float[] values(Safetensors stored, Path file, String name, int rows, int cols) {
        if (!stored.names().contains(name)) {
            throw new UserException(file + ": tensor " + name + " is missing, though " + CONFIG
                    + " targets it; the adapter is damaged or was made for another model");
        }
        StoredTensor tensor = stored.tensor(name);
        int[] shape = tensor.shape();
        if (shape.length != 2 || shape[0] != rows || shape[1] != cols) {
            throw new UserException(file + ": tensor " + name + " has the shape " + tensor.shapeText()
                    + " where this model needs [" + rows + ", " + cols
                    + "]; the adapter was made for another model");
        }
        try {
            tensor.requireFinite(
                    file.toString(), "the adapter's training diverged or the file is damaged: train it again");
            return tensor.toFloats();
        } catch (InternalError e) {
            throw stored.shrunk(name, e);
        }
    }

    /**
     * Writes an adapter, in F32. The folder is made if need be; both files are replaced whole.
     *
     * @param baseModel name or folder of the base model, noted for whoever loads it; may be null
     * @throws UserException if it holds what is no finite number; of kind ENVIRONMENT if it can't be written; no part of the adapter is left behind
     */
    public static void write(Adapter adapter, Path folder, String baseModel) {
        PeftNames.requireFinite(adapter, "adapter folder " + folder);
        Path config = folder.resolve(CONFIG);
        Path beside = folder.resolve("." + CONFIG + ".part");
        boolean made = Files.notExists(folder);
        try {
            Files.createDirectories(folder);
            Files.writeString(beside, PeftConfig.write(adapter, baseModel), StandardCharsets.UTF_8);
            Safetensors.write(folder.resolve(TENSORS), PeftNames.tensors(adapter), Map.of("format", "pt"));
            Files.move(beside, config, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            discard(beside, folder, made);
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "adapter folder " + folder + " can't be written: " + IoReason.of(e)
                            + "; check free space and permissions",
                    e);
        } catch (RuntimeException e) {
            discard(beside, folder, made);
            throw e;
        }
    }

    /**
     * Writes the same two files as a zip, which is a folder of that name when it is unpacked.
     *
     * @param name of the folder
     * @throws UserException if it holds what is no finite number
     */
    public static void writeZip(Adapter adapter, String name, String baseModel, OutputStream out) throws IOException {
        PeftNames.requireFinite(adapter, "adapter " + name);
        ZipOutputStream zip = new ZipOutputStream(out);
        zip.putNextEntry(new ZipEntry(name + "/" + CONFIG));
        zip.write(PeftConfig.write(adapter, baseModel).getBytes(StandardCharsets.UTF_8));
        zip.putNextEntry(new ZipEntry(name + "/" + TENSORS));
        zip.write(Safetensors.write(PeftNames.tensors(adapter), Map.of("format", "pt")));
        zip.finish();
    }

    private static void discard(Path beside, Path folder, boolean made) {
        try {
            Files.deleteIfExists(beside);
            if (made) {
                Files.deleteIfExists(folder);
            }
        } catch (IOException e) {
            // What made the writing fail is the error to report.
            return;
        }
    }
}
