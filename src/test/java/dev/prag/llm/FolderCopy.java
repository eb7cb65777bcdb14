package dev.prag.llm;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.tensor.safetensors.Safetensors;
import dev.prag.tensor.safetensors.StoredTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A copy of a reference model's files, to damage. */
record FolderCopy(Path path) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    static FolderCopy of(Path model, Path target) {
        try (Stream<Path> files = Files.list(model)) {
            Files.createDirectories(target);
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
            return new FolderCopy(target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ModelFolder open() {
        return ModelFolder.open(path);
    }

    FolderCopy write(String name, String text) {
        try {
            Files.createDirectories(path.resolve(name).getParent());
            Files.writeString(path.resolve(name), text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    FolderCopy delete(String name) {
        try {
            Files.delete(path.resolve(name));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Changes a JSON object. */
    FolderCopy change(String name, Consumer<ObjectNode> change) {
        try {
            ObjectNode json = (ObjectNode) JSON.readTree(path.resolve(name).toFile());
            change.accept(json);
            return write(name, json.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Changes the tensors of a file. */
    FolderCopy changeTensors(String name, UnaryOperator<Stream<StoredTensor>> change) {
        Safetensors file = Safetensors.open(path.resolve(name));
        Safetensors.write(
                path.resolve(name),
                change.apply(file.tensors().values().stream()).toList(),
                Map.of("format", "pt"));
        return this;
    }
}
