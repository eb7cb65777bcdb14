package dev.prag.cli.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.llm.ModelFolder;
import dev.prag.llm.ReferenceModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The tools with a model whose tokenizer is SentencePiece's. */
@Timeout(300)
class SentencePieceModelTest {
    private static final Path MADE = Path.of("src/test/resources/sentencepiece");
    private static final String MODEL = MADE.resolve("bpe.gguf").toString();
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    private Path temporary;

    @Test
    void aConvertedFolderHasTheSameTokenizer() {
        Path folder = temporary.resolve("folder");
        Tool tool = Tool.run("", "convert", MODEL, folder.toString());
        assertEquals(0, tool.exit(), tool.err());
        ModelFolder file = ModelFolder.open(Path.of(MODEL));
        ModelFolder converted = ModelFolder.open(folder);
        assertEquals(file.chatTemplateSources(), converted.chatTemplateSources());
        for (JsonNode vector : ReferenceModel.json(MADE.resolve("vectors.json"))) {
            String text = vector.get("text").textValue();
            int[] ids = ReferenceModel.ids(vector.get("legacy"));
            assertArrayEquals(ids, converted.tokenizer().encode(text, false), text);
            assertArrayEquals(
                    file.tokenizer().encode(text, true), converted.tokenizer().encode(text, true), text);
            assertEquals(
                    vector.get("legacy_text").textValue(), converted.tokenizer().decode(ids, false));
        }
    }

    @Test
    void checkFindsThatTextsAndChatsSurvive() {
        Tool tool = Tool.run("", "check", MODEL, "--json");
        assertEquals("", tool.err());
        for (JsonNode check : tool.lines().getFirst().get("checks")) {
            String name = check.get("check").textValue();
            if (name.equals("tokenizer") || name.equals("template") || name.equals("files")) {
                assertEquals("ok", check.get("level").textValue(), check.toString());
            }
        }
    }

    @Test
    void whatIsWrittenFitsTheSchemaThoughLineFeedsAndSomeLettersAreBytes() throws IOException {
        String schema =
                "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":8},"
                        + "\"sign\":{\"enum\":[\"你好\",\"🙂 and\"]}},\"required\":[\"name\",\"sign\"],"
                        + "\"additionalProperties\":false}";
        StringBuilder lines = new StringBuilder();
        for (int seed = 0; seed < 3; seed++) {
            lines.append("{\"text\":\"The film\",\"max_new_tokens\":80,\"temperature\":1.0,\"seed\":" + seed
                    + ",\"schema\":" + schema + "}\n");
        }
        Tool tool = Tool.run(lines.toString(), "generate", "--model", MODEL);
        assertEquals(0, tool.exit(), tool.err());
        assertEquals(3, tool.lines().size());
        for (JsonNode line : tool.lines()) {
            JsonNode written = JSON.readTree(line.get("text").textValue());
            assertTrue(written.get("sign").textValue().matches("你好|🙂 and"), line.toString());
            int length = written.get("name")
                    .textValue()
                    .codePointCount(0, written.get("name").textValue().length());
            assertTrue(length >= 1 && length <= 8, line.toString());
        }
    }

    @Test
    void theTextOfAContinuationKeepsItsSpaceAndStopStringsAreFoundInIt() {
        Tool whole = Tool.run("{\"text\":\"The film\",\"max_new_tokens\":20}", "generate", "--model", MODEL);
        JsonNode line = whole.lines().getFirst();
        String text = line.get("text").textValue();
        int[] ids = ReferenceModel.ids(line.get("ids"));
        ModelFolder folder = ModelFolder.open(Path.of(MODEL));
        StringBuilder all = new StringBuilder();
        int[] prompt = folder.tokenizer().encode("The film", true);
        int[] both = Arrays.copyOf(prompt, prompt.length + ids.length);
        System.arraycopy(ids, 0, both, prompt.length, ids.length);
        all.append(folder.tokenizer().decode(both, true));
        assertEquals("The film" + text, all.toString());
        String stop = text.substring(text.length() / 2, text.length() / 2 + 2);
        String line2 = JSON.createObjectNode()
                .put("text", "The film")
                .put("max_new_tokens", 20)
                .put("stop", stop)
                .toString();
        Tool stopped = Tool.run(line2, "generate", "--model", MODEL);
        assertEquals(
                text.substring(0, text.indexOf(stop)),
                stopped.lines().getFirst().get("text").textValue(),
                stopped.err());
    }
}
