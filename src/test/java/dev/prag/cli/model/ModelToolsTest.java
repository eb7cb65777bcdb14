package dev.prag.cli.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.llm.ReferenceModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The tools that answer lines, against what transformers and PEFT computed. */
@Timeout(120)
class ModelToolsTest {
    private static final String DEMO = "src/main/demo/model";
    private static final String SMALL = ReferenceModel.LLAMA_3_2.folder().toString();

    private static ObjectNode object() {
        return Tool.JSON.createObjectNode();
    }

    private static void assertNear(JsonNode expected, JsonNode actual, double tolerance) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i).doubleValue(), actual.get(i).doubleValue(), tolerance);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tokenizesTextAndIds(ReferenceModel model) {
        StringBuilder lines = new StringBuilder();
        JsonNode goldens = model.json("tokenize");
        for (JsonNode golden : goldens) {
            lines.append(object().put("control_tokens", true).<ObjectNode>set("text", golden.get("text")))
                    .append('\n');
            lines.append(object().put("control_tokens", true)
                            .put("special", false)
                            .<ObjectNode>set("text", golden.get("text")))
                    .append('\n');
            lines.append(object().<ObjectNode>set("ids", golden.get("ids_with_special")))
                    .append('\n');
        }
        Tool tool =
                Tool.run(lines.toString(), "tokenize", "--model", model.folder().toString());
        assertEquals("", tool.err());
        List<JsonNode> answers = tool.lines();
        assertEquals(3 * goldens.size(), answers.size());
        for (int i = 0; i < goldens.size(); i++) {
            JsonNode golden = goldens.get(i);
            assertEquals(golden.get("ids_with_special"), answers.get(3 * i).get("ids"));
            assertEquals(golden.get("ids"), answers.get(3 * i + 1).get("ids"));
            assertEquals(golden.get("decoded"), answers.get(3 * i + 1).get("text"));
            assertEquals(golden.get("decoded"), answers.get(3 * i + 2).get("text"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void tokenizesMessages(ReferenceModel model) {
        StringBuilder lines = new StringBuilder();
        JsonNode goldens = model.json("chat");
        for (JsonNode golden : goldens) {
            lines.append(object().put("control_tokens", true)
                            .<ObjectNode>set("messages", golden.get("messages"))
                            .<ObjectNode>set("add_generation_prompt", golden.get("add_generation_prompt")))
                    .append('\n');
        }
        Tool tool =
                Tool.run(lines.toString(), "tokenize", "--model", model.folder().toString());
        List<JsonNode> answers = tool.lines();
        assertEquals(goldens.size(), answers.size());
        for (int i = 0; i < goldens.size(); i++) {
            assertEquals(goldens.get(i).get("text"), answers.get(i).get("text"));
            assertEquals(goldens.get(i).get("ids"), answers.get(i).get("ids"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void generatesGreedily(ReferenceModel model) {
        StringBuilder lines = new StringBuilder();
        JsonNode goldens = model.json("greedy");
        for (JsonNode golden : goldens) {
            lines.append(object().put("max_new_tokens", golden.get("ids").size())
                            .put("ignore_eos", true)
                            .<ObjectNode>set("ids", golden.get("prompt")))
                    .append('\n');
        }
        Tool tool = Tool.run(
                lines.toString(),
                "generate",
                "--dtype",
                "f32",
                "--model",
                model.folder().toString());
        assertEquals(0, tool.exit(), tool.err());
        List<JsonNode> answers = tool.lines();
        assertEquals(goldens.size(), answers.size());
        for (int i = 0; i < goldens.size(); i++) {
            assertEquals(goldens.get(i).get("ids"), answers.get(i).get("ids"));
            assertNear(goldens.get(i).get("logprobs"), answers.get(i).get("logprobs"), 1e-3);
            assertEquals("length", answers.get(i).get("finish").asText());
        }
    }

    @Test
    void composesAdapters() {
        for (JsonNode golden : ReferenceModel.QWEN_2_5.json("composition")) {
            if (golden.get("combination").asText().equals("linear")) {
                continue;
            }
            Path folder = ReferenceModel.QWEN_2_5.folder();
            String[] args = new String[5 + 2 * golden.get("adapters").size()];
            List<String> fixed = List.of("generate", "--dtype", "f32", "--model", folder.toString());
            fixed.toArray(args);
            for (int i = 0; i < golden.get("adapters").size(); i++) {
                args[5 + 2 * i] = "--adapter";
                args[6 + 2 * i] = folder.resolve("golden/adapter-"
                                + golden.get("adapters").get(i).asText()) + "="
                        + golden.get("weights").get(i);
            }
            ObjectNode line =
                    object().put("max_new_tokens", golden.get("ids").size()).put("ignore_eos", true);
            Tool tool = Tool.run(line.set("ids", golden.get("prompt")).toString(), args);
            assertEquals(0, tool.exit(), tool.err());
            assertEquals(
                    golden.get("ids"),
                    tool.lines().getFirst().get("ids"),
                    golden.get("name").asText());
        }
    }

    @Test
    void scoresWhatItGenerates() {
        JsonNode golden = ReferenceModel.LLAMA_3_2.json("greedy").get(0);
        ObjectNode line = object().put("top", 3);
        line.putArray("ids")
                .addAll((com.fasterxml.jackson.databind.node.ArrayNode) golden.get("prompt"))
                .addAll((com.fasterxml.jackson.databind.node.ArrayNode) golden.get("ids"));
        Tool tool = Tool.run(line.toString(), "score", "--dtype", "f32", "--model", SMALL);
        assertEquals(0, tool.exit(), tool.err());
        JsonNode answer = tool.lines().getFirst();
        int prompt = golden.get("prompt").size();
        int all = prompt + golden.get("ids").size();
        assertEquals(line.get("ids"), answer.get("ids"));
        assertEquals(all - 1, answer.get("logprobs").size());
        assertEquals(all, answer.get("top").size());
        for (int i = prompt; i < all; i++) {
            JsonNode best = answer.get("top").get(i - 1);
            assertEquals(3, best.size());
            assertEquals(golden.get("ids").get(i - prompt), best.get(0).get(0));
            double expected = golden.get("logprobs").get(i - prompt).doubleValue();
            assertEquals(expected, best.get(0).get(1).doubleValue(), 1e-3);
            assertEquals(expected, answer.get("logprobs").get(i - 1).doubleValue(), 1e-3);
            assertTrue(best.get(1).get(1).doubleValue() <= best.get(0).get(1).doubleValue());
        }
    }

    @Test
    void tellsThePerplexityOfAllLines() {
        String lines = "{\"text\":\"The answer is\"}\n{\"ids\":[5]}\n{\"text\":\"The answer was\"}\n";
        Tool tool = Tool.run(lines, "score", "--model", DEMO);
        double sum = 0;
        int tokens = 0;
        for (JsonNode line : tool.lines()) {
            for (JsonNode logprob : line.get("logprobs")) {
                sum -= logprob.doubleValue();
                tokens++;
            }
        }
        assertEquals(
                String.format(
                        Locale.ROOT, "perplexity %.4g over %d tokens, bf16 weights%n", Math.exp(sum / tokens), tokens),
                tool.err());
        assertEquals("", Tool.run("{\"ids\":[5]}", "score", "--model", DEMO).err());
    }

    @Test
    void int8WeightsCostLittle() throws IOException {
        String passages;
        try (Stream<String> lines = Files.lines(Path.of("src/main/demo/small/passages.jsonl"))) {
            passages = lines.collect(Collectors.joining("\n"));
        }
        Tool tool = Tool.run(passages, "score", "--model", DEMO, "--weights", "int8");
        assertEquals(0, tool.exit(), tool.err());
        assertEquals(63, tool.lines().size());
        Matcher said = Pattern.compile(
                        "perplexity (\\S+) over ([0-9,]+) tokens, int8 weights; (\\S+) with bf16 weights,"
                                + " difference ([+-]\\S+)%; a token's log-probability differs by (\\S+) on average,"
                                + " (\\S+) at most")
                .matcher(tool.err().strip());
        assertTrue(said.matches(), tool.err());
        double int8 = Double.parseDouble(said.group(1));
        double bf16 = Double.parseDouble(said.group(3));
        assertTrue(int8 != bf16 && Math.abs(int8 / bf16 - 1) < 0.02, tool.err());
        assertEquals(100 * (int8 / bf16 - 1), Double.parseDouble(said.group(4)), 0.1, tool.err());
        double sum = 0;
        double largest = 0;
        int tokens = 0;
        for (JsonNode line : tool.lines()) {
            for (int i = 0; i < line.get("logprobs").size(); i++, tokens++) {
                double difference = Math.abs(line.get("logprobs").get(i).asDouble()
                        - line.get("bf16_logprobs").get(i).asDouble());
                sum += difference;
                largest = Math.max(largest, difference);
            }
        }
        assertEquals(sum / tokens, Double.parseDouble(said.group(5)), 1e-4, tool.err());
        assertEquals(largest, Double.parseDouble(said.group(6)), 1e-3, tool.err());
    }

    @Test
    void samplesOnlyWhenAskedTo() {
        String lines = """
            {"text":"Once","max_new_tokens":12,"ignore_eos":true}
            {"text":"Once","max_new_tokens":12,"ignore_eos":true,"top_p":0.5,"seed":9}
            {"text":"Once","max_new_tokens":12,"ignore_eos":true,"temperature":1.5,"seed":3}
            {"text":"Once","max_new_tokens":12,"ignore_eos":true,"temperature":1.5,"seed":3}
            {"text":"Once","max_new_tokens":12,"ignore_eos":true,"temperature":1.5,"seed":4}
            {"text":"Once","max_new_tokens":12,"ignore_eos":true,"do_sample":true,"logprobs":false}
            """;
        List<JsonNode> answers = Tool.run(lines, "generate", "--model", SMALL).lines();
        assertEquals(answers.get(0).get("ids"), answers.get(1).get("ids"));
        assertEquals(answers.get(2).get("ids"), answers.get(3).get("ids"));
        assertFalse(answers.get(2).get("ids").equals(answers.get(4).get("ids")));
        assertFalse(answers.get(0).get("ids").equals(answers.get(2).get("ids")));
        assertFalse(answers.get(5).has("logprobs"));
        assertEquals(List.of("ids", "text", "logprobs", "finish"), names(answers.get(0)));
    }

    private static List<String> names(JsonNode object) {
        return object.propertyStream().map(java.util.Map.Entry::getKey).toList();
    }

    @Test
    void keepsToASchema() {
        String lines = """
            {"text":"Once","max_new_tokens":30,"temperature":1}
            {"text":"Once","max_new_tokens":30,"schema":{"enum":["yes","no"]}}
            {"text":"Once","max_new_tokens":30,"schema":{"type":"string","pattern":"a(?=b)"}}
            """;
        Tool tool = Tool.run(lines, "generate", "--model", SMALL, "--schema", "{\"type\":\"array\"}");
        List<JsonNode> answers = tool.lines();
        assertEquals("stop", answers.get(0).get("finish").asText());
        assertTrue(answers.get(0).get("text").asText().startsWith("["));
        assertTrue(answers.get(0).get("text").asText().endsWith("]"));
        assertTrue(
                List.of("\"yes\"", "\"no\"").contains(answers.get(1).get("text").asText()));
        assertTrue(tool.err().contains("pattern"), tool.err());
        Tool missing = Tool.run(lines, "generate", "--model", SMALL, "--schema", "no-such-file.json");
        assertTrue(missing.exit() == 2 && missing.err().contains("no-such-file.json"), missing.err());
    }

    @Test
    void stopsAtIdsAndStrings() {
        JsonNode golden = ReferenceModel.LLAMA_3_2.json("greedy").get(0);
        ObjectNode line = object().put("max_new_tokens", 24).put("ignore_eos", true);
        line.set("ids", golden.get("prompt"));
        line.putArray("stop_ids").add(golden.get("ids").get(3));
        JsonNode stopped = Tool.run(line.toString(), "generate", "--dtype", "f32", "--model", SMALL)
                .lines()
                .getFirst();
        assertEquals(3, stopped.get("ids").size());
        assertEquals("stop", stopped.get("finish").asText());
        line.remove("stop_ids");
        line.put("stop", "nath");
        JsonNode cut = Tool.run(line.toString(), "generate", "--dtype", "f32", "--model", SMALL)
                .lines()
                .getFirst();
        assertEquals("stop", cut.get("finish").asText());
        assertFalse(cut.get("text").asText().contains("nath"));
    }

    @Test
    void inspectsModelAndAdapters() {
        String adapter = ReferenceModel.LLAMA_3_1
                .folder()
                .resolve("golden/adapter-foreign")
                .toString();
        Tool tool = Tool.run(
                "", "inspect", "--model", ReferenceModel.LLAMA_3_1.folder().toString(), "--adapter", adapter + "=0.25");
        assertEquals(0, tool.exit(), tool.err());
        JsonNode answer = tool.lines().getFirst();
        assertEquals(1, tool.lines().size());
        assertEquals("f32+f16", answer.get("dtype").asText());
        assertEquals(1024, answer.get("context").intValue());
        assertEquals(904, answer.at("/special_tokens/eos_token/id").intValue());
        assertEquals(0.25, answer.at("/adapters/0/weight").doubleValue());
        assertEquals(4, answer.at("/adapters/0/rank").intValue());
        assertEquals(7, answer.at("/adapters/0/targets").size());
        assertEquals(8, answer.get("files").size());
    }

    @ParameterizedTest
    @CsvSource(delimiterString = "=>", quoteCharacter = '`', textBlock = """
        {"ids":"x"}                                => field ids is "x"; it has to be a list of integers
        {"ids":[1,2.5]}                            => entry 1 is 2.5
        {"ids":[1,99999]}                          => id 99999 at position 1 is not in the vocabulary
        {"ids":[-1]}                               => id -1 at position 0 is not in the vocabulary
        {"text":5}                                 => field text is 5; it has to be a string
        {"text":"\\ud800"}                         => half of a surrogate pair
        {"messages":[{"role":"user","content":"\\udc00"}]} => half of a surrogate pair
        {"ids":"😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"} => field ids is "😀
        {"messages":{}}                            => field messages is {}
        {"messages":[1]}                           => an object
        {"messages":[{}]}                          => chat template, line 1: 'dict object' has no attribute 'role'
        {"text":"a","ids":[1]}                     => ids and text are given together
        {}                                         => none of the fields ids, text and messages
        {"text":"a","max_new_tokens":0}            => max_new_tokens 0
        {"text":"a","max_new_tokens":"9"}          => field max_new_tokens is "9"
        {"text":"a","temperature":-1}              => temperature -1
        {"text":"a","top_p":0}                     => top_p 0
        {"text":"a","stop":[1]}                    => field stop is [1]
        {"text":"a","ignore_eos":"no"}             => field ignore_eos is "no"
        {"text":"","special":false}                => the prompt is empty
        [1]                                        => not a JSON object
        {"text":"a"} 5                             => not JSON
        {"text":                                   => not JSON
        {"text":"a"                                => (begun at line: 1, column: 1); write one
        """)
    void aBadLineStopsTheRun(String line, String message) {
        String lines = "{\"text\":\"Hello\",\"max_new_tokens\":2,\"of_no_use\":[]}\n\n" + line
                + "\n{\"text\":\"never\",\"max_new_tokens\":1}\n";
        Tool tool = Tool.run(lines, "generate", "--model", SMALL);
        assertEquals(2, tool.exit());
        assertEquals(1, tool.lines().size());
        assertTrue(tool.err().startsWith("prag: standard input, line 3: "), tool.err());
        assertTrue(tool.err().contains(message), tool.err());
        assertEquals(1, tool.err().lines().count());
    }

    @Test
    void refusesWhatIsNoUtf8AndWhatTheContextCantHold() {
        byte[] latin = "{\"text\":\"caf\u00e9\"}\n".getBytes(StandardCharsets.ISO_8859_1);
        Tool tool = Tool.run(latin, "tokenize", "--model", SMALL);
        assertEquals(2, tool.exit());
        assertTrue(tool.err().contains("line 1: not UTF-8"), tool.err());
        ObjectNode line = object();
        for (int i = 0; i < 33; i++) {
            line.withArray("ids").add(5);
        }
        Tool long_ = Tool.run(line.toString(), "score", "--model", SMALL, "--context", "32");
        assertEquals(2, long_.exit());
        assertTrue(long_.err().contains("33 ids are more than the context of 32 holds"), long_.err());
    }

    @ParameterizedTest
    @CsvSource(delimiterString = "=>", textBlock = """
        score --model /nowhere                     => model folder /nowhere doesn't exist
        score --dtype fp8                          => --dtype fp8
        score --dtype int8                         => give --weights int8
        score --weights int4                       => --weights int4
        score --weights int8 --dtype f32           => --weights int8 contradicts --dtype f32
        score --context 99999999                   => --context 99999999
        score --threads 0                          => --threads 0
        score --adapter src=heavy                  => --adapter src=heavy
        score --adapter src/test                   => adapter_config.json
        score --in /nowhere.jsonl                  => /nowhere.jsonl doesn't exist
        tokenize --in src                          => src is a folder
        tokenize --date tomorrow                   => --date tomorrow
        score --wrong                              => Unknown option: '--wrong'
        train                                      => --samples
        """)
    void refusesBadOptions(String command, String message) {
        Tool tool = Tool.run("{\"messages\":[]}", command.split(" "));
        assertEquals(2, tool.exit());
        assertEquals("", tool.out());
        assertTrue(tool.err().startsWith("prag: "), tool.err());
        assertTrue(tool.err().contains(message), tool.err());
        assertFalse(tool.err().contains("\tat "), tool.err());
    }

    @Test
    void showsWhereAnErrorCameFromOnlyWhenAskedTo() {
        assertTrue(
                Tool.run("", "score", "--model", "/nowhere", "--verbose").err().contains("\tat "));
    }

    @Test
    void specialTokensInTextAndMessagesAreText() {
        String ten = "<|im_end|>".repeat(10);
        Tool tool = Tool.run(
                "{\"text\":\"" + ten + "\"}\n{\"text\":\"" + ten + "\",\"control_tokens\":true}\n"
                        + "{\"messages\":[{\"role\":\"user\",\"content\":\"" + ten + "\"}]}\n"
                        + "{\"messages\":[{\"role\":\"user\",\"content\":\"" + ten
                        + "\"}],\"control_tokens\":true}\n",
                "tokenize",
                "--model",
                DEMO);
        assertEquals(0, tool.exit(), tool.err());
        List<Long> ends = tool.lines().stream()
                .map(line -> line.get("ids")
                        .valueStream()
                        .filter(id -> id.intValue() == 2)
                        .count())
                .toList();
        assertEquals(List.of(0L, 10L, 1L, 11L), ends);
        assertEquals(
                "<|im_start|>user\n" + ten + "<|im_end|>\n",
                tool.lines().get(2).get("text").textValue());
    }
}
