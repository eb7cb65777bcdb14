package dev.prag.cli.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import dev.prag.base.Utf8;
import dev.prag.generation.EngineSettings;
import dev.prag.generation.GenerationEngine;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.GenerationResult;
import dev.prag.generation.Sampling;
import dev.prag.generation.grammar.JsonSchema;
import dev.prag.llm.GenerationDefaults;
import dev.prag.llm.ModelFolder;
import dev.prag.lora.Composition;
import dev.prag.lora.Scope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code prag model generate}. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = {
            "Continue prompts.",
            "",
            "Lines: one of \"ids\", \"text\" and \"messages\" (with \"tools\" and \"add_generation_prompt\", here true"
                    + " unless it says false), and if wanted max_new_tokens, temperature (0: greedy), top_k, top_p,"
                    + " repetition_penalty, seed, stop (a string or several), stop_ids, ignore_eos, logprobs, schema (a"
                    + " JSON schema that the text has to fit; true is any JSON),"
                    + " scope (prompt, or answer: adapters are in force from the last token of the prompt on),"
                    + " control_tokens (true: special tokens written in text or messages are no text)."
                    + " Answers: {\"ids\":[…],\"text\":…,\"logprobs\":[…],\"finish\":\"stop|length\"}; the token that"
                    + " ended the text is not among the ids, and the log-probabilities are those before temperature"
                    + " and penalties. What a line leaves out comes from the model's generation_config.json, except"
                    + " that nothing is sampled unless a temperature (or \"do_sample\": true) asks for it.",
            ""
        })
final class GenerateCommand extends LineCommand {
    /** Where neither the line nor generation_config.json says how many. */
    private static final int MAX_NEW_TOKENS = 256;

    @Option(
            names = "--schema",
            paramLabel = "FILE|JSON",
            description = "A JSON schema that the texts have to fit, of lines that name none themselves.")
    private String schema;

    @Override
    Tool open(ModelFolder folder, List<AdapterOptions.Weighted> adapters) {
        JsonSchema given = schema();
        OpenModel open = OpenModel.open(folder, options, adapters);
        int context = open.model().decoder().context();
        GenerationEngine engine = new GenerationEngine(open.model(), EngineSettings.of(context, 1));
        Prompts prompts = prompts(open.model());
        return new Tool() {
            @Override
            public ObjectNode answer(InputLine line) {
                int[] prompt = prompts.read(line, true).ids();
                GenerationDefaults defaults = folder.generationDefaults();
                boolean logprobs = line.flag("logprobs", true);
                GenerationResult result = engine.generate(request(line, prompt, defaults, open.composition(), given));
                ObjectNode answer = JSON.createObjectNode();
                answer.set("ids", array(result.ids()));
                answer.put("text", result.text());
                if (logprobs) {
                    answer.set("logprobs", array(result.logprobs()));
                }
                return answer.put("finish", result.finish().name().toLowerCase(Locale.ROOT));
            }

            @Override
            public void close() {
                engine.close();
                open.close();
            }
        };
    }

    /** The schema for all lines; null if there is none. */
    private JsonSchema schema() {
        if (schema == null) {
            return null;
        }
        String text = schema.strip();
        boolean json = text.startsWith("{") || text.equals("true");
        return JsonSchema.of(json ? text : Utf8.read(Path.of(schema), "--schema: " + schema));
    }

    private static GenerationRequest request(
            InputLine line, int[] prompt, GenerationDefaults defaults, Composition composition, JsonSchema schema) {
        Set<Integer> stopIds = Arrays.stream(line.integers("stop_ids").orElse(new int[0]))
                .boxed()
                .collect(Collectors.toSet());
        return new GenerationRequest(
                prompt,
                line.integer("max_new_tokens").orElse(defaults.maxNewTokens().orElse(MAX_NEW_TOKENS)),
                sampling(line, defaults),
                line.texts("stop"),
                stopIds,
                line.flag("ignore_eos", false),
                composition,
                line.text("scope").map(Scope::of).orElse(Scope.PROMPT),
                line.json("schema").map(JsonSchema::of).orElse(schema));
    }

    private static Sampling sampling(InputLine line, GenerationDefaults defaults) {
        float temperature = line.number("temperature").orElse(0f);
        if (line.has("do_sample")) {
            boolean sample = line.flag("do_sample", false);
            if (sample && line.has("temperature") && temperature == 0) {
                throw new UserException(
                        "do_sample is true and temperature 0, which contradict each other; leave one out");
            }
            temperature = !sample ? 0 : line.has("temperature") ? temperature : defaults.temperature();
        }
        return new Sampling(
                temperature,
                line.integer("top_k").orElse(defaults.topK()),
                line.number("top_p").orElse(defaults.topP()),
                line.number("repetition_penalty").orElse(defaults.repetitionPenalty()),
                line.longInteger("seed").orElse(0));
    }
}
