package dev.prag.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.Hashes;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.tensor.gguf.GgufFile;
import dev.prag.tensor.safetensors.Safetensors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * A model's fingerprint in a file with it, {@code fingerprint.json}, which goes wherever the model is copied. Whether
 * it is still that model's is told by a sample: names and sizes of all files, the whole of the small ones, and of each
 * tensor its name, type, shape, and four pieces. So a model that was trained further, merged, quantised, or given another
 * tokenizer isn't taken for the one it was; a number changed by hand somewhere in a tensor is not noticed.
 */
public final class FingerprintFile implements FingerprintCache {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String NAME = "fingerprint.json";
    private static final String WEIGHTS = ".safetensors";

    /** Stands for a model that is one file, in whose place the note has a name of its own. */
    private static final String ITSELF = "";

    private static final int PIECES = 4;
    private static final int PIECE_BYTES = 4096;

    @Override
    public Optional<String> find(Path folder, List<Stamp> files) {
        Path file = note(folder);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            JsonNode noted = JSON.readTree(file.toFile());
            String fingerprint = noted.path("fingerprint").textValue();
            String sample = noted.path("sample").textValue();
            return fingerprint != null && sample(folder, files).equals(sample)
                    ? Optional.of(fingerprint)
                    : Optional.empty();
        } catch (IOException e) {
            // It can't be understood: all that it costs is to hash the model.
            return Optional.empty();
        }
    }

    /** Does nothing: a model's folder is written to only where somebody asks for it. */
    @Override
    public void put(Path folder, List<Stamp> files, String fingerprint) {}

    /**
     * Hashes the model whole and writes the file.
     *
     * @return the fingerprint
     * @throws UserException if the folder can't be written to
     */
    public static String write(ModelFolder model) {
        Path file = note(model.path());
        FingerprintCache writing = new FingerprintCache() {
            @Override
            public Optional<String> find(Path folder, List<Stamp> files) {
                return Optional.empty();
            }

            @Override
            public void put(Path folder, List<Stamp> files, String fingerprint) {
                try {
                    byte[] content = JSON.writerWithDefaultPrettyPrinter()
                            .writeValueAsBytes(JSON.createObjectNode()
                                    .put("fingerprint", fingerprint)
                                    .put("sample", sample(folder, files)));
                    Path partial = file.resolveSibling(file.getFileName() + ".partial");
                    Files.write(partial, content);
                    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                } catch (IOException e) {
                    throw new UserException(
                            UserException.Kind.ENVIRONMENT,
                            file + " can't be written: " + IoReason.of(e)
                                    + "; write it before the model is copied to where it can't be written to",
                            e);
                }
            }
        };
        return model.fingerprint(writing);
    }

    /** In a model's folder; of a model that is one file, beside it. */
    private static Path note(Path model) {
        return Files.isRegularFile(model)
                ? model.resolveSibling(model.getFileName() + "." + NAME)
                : model.resolve(NAME);
    }

    private static String sample(Path folder, List<Stamp> files) throws IOException {
        Hashes.Builder sample = Hashes.builder();
        for (Stamp stamp : files) {
            sample.add(stamp.name()).add(stamp.size());
            Path file = folder.resolve(stamp.name());
            if (stamp.name().equals(ITSELF)) {
                GgufFile gguf = GgufFile.open(file);
                sample.add(gguf.head().toArray(ValueLayout.JAVA_BYTE));
                gguf.tensors().values().forEach(tensor -> addPieces(sample.add(tensor.toString()), tensor.data()));
            } else if (stamp.name().endsWith(WEIGHTS)) {
                Safetensors weights = Safetensors.open(file);
                weights.tensors().values().forEach(tensor -> addPieces(sample.add(tensor.toString()), tensor.data()));
            } else {
                sample.add(Files.readAllBytes(file));
            }
        }
        return sample.hex();
    }

    private static void addPieces(Hashes.Builder sample, MemorySegment data) {
        long length = Math.min(PIECE_BYTES, data.byteSize());
        for (int piece = 0; piece < PIECES; piece++) {
            long at = (data.byteSize() - length) * piece / (PIECES - 1);
            sample.add(data.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE));
        }
    }
}
