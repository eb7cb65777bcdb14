package dev.prag.cli.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import dev.prag.llm.FolderWriter;
import dev.prag.llm.ModelFolder;
import dev.prag.tensor.DType;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prag model convert}. */
@Command(
        name = "convert",
        mixinStandardHelpOptions = true,
        description = {
            "Write the model of a GGUF file as a Hugging Face folder: config.json, tokenizer.json,"
                    + " tokenizer_config.json with the chat template, generation_config.json, and the dequantised"
                    + " weights as safetensors.",
            "",
            "The folder is another model than the file as far as adapters are concerned: passages that were encoded"
                    + " with one are encoded anew with the other.",
            ""
        },
        footer = {"", "Example:", "  prag model convert smollm2-135m-q8_0.gguf smollm2 --dtype bf16"})
final class ConvertCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "FILE.gguf", description = "The model's file.")
    private Path model;

    @Parameters(index = "1", paramLabel = "DIR", description = "The folder to make: not there yet, or empty.")
    private Path target;

    @Option(
            names = "--dtype",
            paramLabel = "bf16|f16|f32",
            defaultValue = "bf16",
            description = "Type of the weights: f32 keeps the exact values of the file, bf16 and f16 round them."
                    + " Default: bf16.")
    private String dtype;

    @Option(names = "--verbose", description = "Show where an error came from.")
    private boolean verbose;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        DType type =
                switch (dtype.toLowerCase(Locale.ROOT)) {
                    case "bf16" -> DType.BF16;
                    case "f16" -> DType.F16;
                    case "f32" -> DType.F32;
                    default -> throw new UserException("--dtype " + dtype + ": not supported; choose bf16, f16 or f32");
                };
        ModelFolder folder = ModelFolder.open(model);
        NewFolder.check(target, FolderWriter.weightBytes(folder, type))
                .fill(files -> FolderWriter.write(folder, files, type));
        ObjectNode answer = LineCommand.JSON.createObjectNode();
        answer.put("model", model.toString());
        answer.put("folder", target.toString());
        answer.put("dtype", dtype.toLowerCase(Locale.ROOT));
        answer.put("parameters", folder.config().parameters());
        answer.set("files", InspectCommand.files(ModelFolder.open(target)));
        LineCommand.write(spec.commandLine().getOut(), answer);
        return 0;
    }
}
