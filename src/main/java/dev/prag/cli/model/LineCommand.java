package dev.prag.cli.model;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import dev.prag.llm.LanguageModel;
import dev.prag.llm.ModelFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A tool that answers each line of its input with a line. */
abstract class LineCommand implements Callable<Integer> {
    static final JsonMapper JSON = JsonMapper.builder().build();

    @Mixin
    ModelOptions options;

    @Mixin
    AdapterOptions adapterOptions;

    @Option(names = "--in", paramLabel = "FILE", description = "Read lines from here instead of standard input.")
    private Path input;

    @Spec
    private CommandSpec spec;

    /** What answers lines, ready to. */
    interface Tool extends AutoCloseable {
        ObjectNode answer(InputLine line);

        /** What is to be said to people when all lines were answered, if anything. */
        default Optional<String> summary() {
            return Optional.empty();
        }

        @Override
        void close();
    }

    abstract Tool open(ModelFolder folder, List<AdapterOptions.Weighted> adapters);

    /** What reads the prompts of lines for a model. */
    static Prompts prompts(LanguageModel model) {
        return new Prompts(
                model.tokenizer(),
                model::chatTemplate,
                model.config().vocabSize(),
                model.decoder().context());
    }

    static ArrayNode array(int[] values) {
        ArrayNode array = JSON.createArrayNode();
        for (int value : values) {
            array.add(value);
        }
        return array;
    }

    static ArrayNode array(float[] values) {
        ArrayNode array = JSON.createArrayNode();
        for (float value : values) {
            array.add(value);
        }
        return array;
    }

    @Override
    public final Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (InputLines lines = InputLines.open(input)) {
            ModelFolder folder = options.openFolder();
            try (Tool tool = open(folder, adapterOptions.read(folder.config().decoderShape()))) {
                lines.forEach(line -> write(out, tool.answer(line)));
                tool.summary().ifPresent(summary -> {
                    PrintWriter err = spec.commandLine().getErr();
                    err.println(summary);
                    err.flush();
                });
            }
        }
        return 0;
    }

    /** Writes a line at once, so that whoever reads gets it before the next is asked for. */
    static void write(PrintWriter out, ObjectNode answer) {
        out.print(answer + "\n");
        if (out.checkError()) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "standard output can't be written; check free space, or whether its reader has ended");
        }
    }
}
