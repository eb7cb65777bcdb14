package dev.prag.cli.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.RealModel;
import dev.prag.cli.model.Finding.Level;
import dev.prag.generation.Finish;
import dev.prag.generation.GenerationResult;
import dev.prag.llm.GgufOfFolder;
import dev.prag.llm.ReferenceModel;
import dev.prag.tensor.gguf.GgufBytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code prag model check}. */
@Timeout(300)
class CheckCommandTest {
    private static final String DEMO = "src/main/demo/model";

    @TempDir
    private Path temporary;

    /** Levels by check, as the JSON has them. */
    private static Map<String, String> levels(Tool tool) {
        assertEquals("", tool.err());
        Map<String, String> levels = new TreeMap<>();
        for (JsonNode check : tool.lines().getFirst().get("checks")) {
            levels.put(check.get("check").textValue(), check.get("level").textValue());
            boolean ok = check.get("level").textValue().equals("ok");
            assertEquals(ok, !check.has("remedy"), check.toString());
        }
        return levels;
    }

    private Tool check(GgufBytes file) {
        return Tool.run("", "check", file.write(temporary.resolve("model.gguf")).toString(), "--json");
    }

    private static GgufBytes small() {
        return GgufOfFolder.of(ReferenceModel.LLAMA_3_2, GgufOfFolder.F32);
    }

    @Test
    void theDemoModelWorks() {
        Tool tool = Tool.run("", "check", DEMO);
        assertEquals(0, tool.exit(), tool.out());
        assertEquals("", tool.err());
        for (String check : new String[] {"files", "tokenizer", "template", "answer", "answering", "encoding"}) {
            assertTrue(tool.out().lines().anyMatch(line -> line.matches("(ok|warning) +" + check + " .*")), tool.out());
        }
        assertTrue(tool.out().lines().anyMatch(line -> line.matches("ok +recipe +demo, .*")), tool.out());

        JsonNode json = Tool.run("", "check", DEMO, "--json").lines().getFirst();
        assertTrue(json.get("works").booleanValue());
        assertEquals("demo", json.get("recipe").textValue());
        JsonNode memory = json.get("memory");
        assertTrue(memory.get("machine").longValue()
                > memory.get("answering").get("weights").longValue());
        assertTrue(memory.get("encoding").get("training").longValue() > 0);
    }

    @Test
    void aRealModelWorks() {
        Tool tool = Tool.run("", "check", RealModel.path().toString(), "--json");
        assertEquals(0, tool.exit(), tool.out());
        JsonNode json = tool.lines().getFirst();
        assertEquals("general", json.get("recipe").textValue());
        assertFalse(levels(tool).containsValue("fault"));
        assertEquals("ok", levels(tool).get("answer"));
    }

    @Test
    void whatIsNoModelIsAFaultWithItsRemedy() {
        Tool tool = Tool.run("", "check", "/nowhere", "--json");
        assertEquals(1, tool.exit());
        assertEquals(Map.of("files", "fault"), levels(tool));
        Tool lines = Tool.run("", "check", "/nowhere");
        assertEquals(1, lines.exit());
        assertTrue(lines.out().startsWith("fault    files      model folder /nowhere doesn't exist"), lines.out());
        assertTrue(lines.out().contains("→ name a folder"), lines.out());
    }

    @Test
    void faultsAreFoundEachByItself() {
        Tool noTemplate = check(small().remove("tokenizer.chat_template"));
        assertEquals(1, noTemplate.exit());
        assertEquals("fault", levels(noTemplate).get("template"));
        assertEquals("ok", levels(noTemplate).get("files"));
        assertFalse(levels(noTemplate).containsKey("answer"), "it can't be asked anything");

        assertEquals(
                "fault",
                levels(check(small().put("tokenizer.chat_template", "always the same")))
                        .get("template"));
        assertEquals(
                "warning",
                levels(check(small().put(
                                        "tokenizer.chat_template",
                                        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}")))
                        .get("template"));
        assertEquals(
                "fault",
                levels(check(small().put("tokenizer.ggml.pre", "tekken"))).get("tokenizer"));

        float[] damaged = new float[160 * 64];
        Arrays.fill(damaged, Float.NaN);
        Tool notANumber = check(small().without("blk.0.ffn_up.weight").floats("blk.0.ffn_up.weight", damaged, 160, 64));
        assertEquals(1, notANumber.exit());
        assertEquals("fault", levels(notANumber).get("answer"));
    }

    @Test
    void memoryThatNoMachineHasIsAFault() {
        System.setProperty("prag.cache.mib", "2000000000");
        System.setProperty("prag.sequences", "100000000");
        try {
            Tool tool = Tool.run("", "check", DEMO, "--json");
            assertEquals(1, tool.exit());
            Map<String, String> levels = levels(tool);
            assertEquals("fault", levels.get("answering"));
            assertEquals("fault", levels.get("encoding"));
            assertFalse(levels.containsKey("answer"), "it isn't tried");
        } finally {
            System.clearProperty("prag.cache.mib");
            System.clearProperty("prag.sequences");
        }
    }

    @Test
    void aRecipeThatIsNotThereIsAFault() {
        System.setProperty("prag.recipe", "soup");
        try {
            Tool tool = Tool.run("", "check", DEMO, "--json");
            assertEquals(1, tool.exit());
            assertEquals("fault", levels(tool).get("recipe"));
        } finally {
            System.clearProperty("prag.recipe");
        }
    }

    private static Level judged(String text, float logprob, int... ids) {
        float[] logprobs = new float[ids.length];
        Arrays.fill(logprobs, logprob);
        return AnswerCheck.judge(new GenerationResult(ids, text, logprobs, Finish.STOP))
                .level();
    }

    @Test
    void anAnswerIsJudged() {
        assertEquals(Level.OK, judged("Bruno.", -0.1f, 1, 2));
        assertEquals(Level.WARNING, judged("Tom.", -0.1f, 1, 2));
        assertEquals(Level.FAULT, judged("", -0.1f));
        assertEquals(Level.FAULT, judged("bruno bruno bruno", -0.1f, 7, 7, 7, 7, 7, 7));
        assertEquals(Level.OK, judged("the the BRUNO", -0.1f, 7, 7, 7, 8, 7, 7));
        assertEquals(Level.FAULT, judged("Bruno", Float.NaN, 1, 2));
        assertEquals(Level.FAULT, judged("Bruno", Float.NEGATIVE_INFINITY, 1, 2));
    }

    @Test
    void aModelIsCheckedWhereItIsNamedByTheOptionToo() {
        assertTrue(Files.isDirectory(Path.of(DEMO)));
        assertEquals(0, Tool.run("", "check", "--model", DEMO, "--json").exit());
    }
}
