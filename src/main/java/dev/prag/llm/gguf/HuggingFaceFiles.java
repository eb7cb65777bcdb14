package dev.prag.llm.gguf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The JSON files that a Hugging Face folder of a GGUF file's model has. */
public final class HuggingFaceFiles {
    private static final Map<String, Function<GgufTensors, ObjectNode>> MAKERS = Map.of(
            "config.json", ConfigJson::config,
            "generation_config.json", tensors -> ConfigJson.generation(tensors.file()),
            "tokenizer.json", tensors -> TokenizerJson.tokenizer(tensors.file().metadata()),
            "tokenizer_config.json",
                    tensors -> TokenizerJson.config(tensors.file().metadata()));

    private HuggingFaceFiles() {}

    /** Names of all files, sorted. */
    public static List<String> names() {
        return MAKERS.keySet().stream().sorted().toList();
    }

    /**
     * The file of that name, if it is one of them.
     *
     * @throws dev.prag.base.UserException if the metadata lack something, or say what isn't supported
     */
    public static Optional<ObjectNode> json(GgufTensors tensors, String name) {
        return Optional.ofNullable(MAKERS.get(name)).map(maker -> maker.apply(tensors));
    }
}
