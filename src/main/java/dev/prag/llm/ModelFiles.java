package dev.prag.llm;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where the parts of a model come from, by the names that they have in a Hugging Face folder. */
interface ModelFiles {
    /** The folder, or the one file. */
    Path path();

    /** What it is, with its path, for messages. */
    String origin();

    /** A file that holds a JSON object. */
    Optional<JsonFile> json(String name);

    /** A file of text. */
    Optional<String> text(String name);

    /** Names of the chat templates that stand in files of their own beside {@code chat_template.jinja}. */
    List<String> additionalTemplates();

    /** The tensors, checked against the configuration. */
    TensorSource weights(ModelConfig config);

    /**
     * Names of all files within {@link #path()} that make up the model, in a fixed order; the empty name is the path
     * itself.
     */
    List<String> names();

    /** A file that must be there. */
    default JsonFile need(String name) {
        return json(name).orElseThrow(() -> JsonFile.missing(path(), name));
    }

    /** A folder of Hugging Face's layout. */
    record Folder(Path path) implements ModelFiles {
        @Override
        public String origin() {
            return "model folder " + path;
        }

        @Override
        public Optional<JsonFile> json(String name) {
            return JsonFile.readIfPresent(path, name);
        }

        @Override
        public Optional<String> text(String name) {
            return Files.exists(path.resolve(name)) ? Optional.of(JsonFile.readText(path, name)) : Optional.empty();
        }

        @Override
        public List<String> additionalTemplates() {
            return ChatFiles.additionalTemplates(path);
        }

        @Override
        public TensorSource weights(ModelConfig config) {
            return ModelWeights.open(path, config);
        }

        @Override
        public List<String> names() {
            return ModelFolder.fileNames(path);
        }
    }
}
