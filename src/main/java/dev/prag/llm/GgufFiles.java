package dev.prag.llm;

import dev.prag.llm.gguf.GgufTensors;
import dev.prag.llm.gguf.HuggingFaceFiles;
import dev.prag.tensor.gguf.GgufFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A GGUF file as the folder that it stands for. */
record GgufFiles(Path path, GgufTensors tensors) implements ModelFiles {
    static GgufFiles open(Path path) {
        return new GgufFiles(path, GgufTensors.of(GgufFile.open(path)));
    }

    @Override
    public String origin() {
        return "model file " + path;
    }

    @Override
    public Optional<JsonFile> json(String name) {
        return HuggingFaceFiles.json(tensors, name)
                .map(json -> new JsonFile(origin() + ", its metadata as " + name, json));
    }

    @Override
    public Optional<String> text(String name) {
        return Optional.empty();
    }

    @Override
    public List<String> additionalTemplates() {
        return List.of();
    }

    @Override
    public TensorSource weights(ModelConfig config) {
        return GgufWeights.of(tensors, config);
    }

    @Override
    public List<String> names() {
        return List.of("");
    }
}
