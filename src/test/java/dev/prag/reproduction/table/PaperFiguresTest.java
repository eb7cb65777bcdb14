package dev.prag.reproduction.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.reproduction.Twin;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PaperFiguresTest {
    private final PaperFigures paper = PaperFigures.read();

    @Test
    void figuresAndMarks() {
        assertEquals(
                new PaperFigure("0.4298", true, true),
                paper.figure(Twin.TABLE1, "Llama-3.2-1B-Instruct", "in-context", "2wiki/comparison"));
        assertEquals(
                new PaperFigure("0.2764", false, false),
                paper.figure(Twin.TABLE1, "Llama-3.2-1B", "parametric", "2wiki/total"));
        assertEquals("0.2165*", "" + paper.figure(Twin.TABLE1, "Qwen2.5-1.5B", "parametric", "hotpotqa/total"));
        assertEquals("0.4728", "" + paper.figure(Twin.TABLE1, "Meta-Llama-3-8B", "combined", "cwq/total"));
        assertEquals("0.5018", "" + paper.figure(Twin.TABLE2, "Qwen2.5-1.5B", "warm", "cwq/total"));
        assertEquals("0.2340", "" + paper.figure(Twin.TABLE3, "Llama-3.2-1B", "Qwen2.5-1.5B-Instruct", "popqa/total"));
        assertEquals("16.21", "" + paper.figure(Twin.TABLE4, "Llama-3-8B", "dragin", "cwq/time"));
        assertEquals("0.32", "" + paper.figure(Twin.TABLE4, "Llama-3-8B", "combined", "2wiki/compose"));
        assertNull(paper.figure(Twin.TABLE4, "Llama-3-8B", "dragin", "cwq/compose"));
        assertEquals("0.1999", "" + paper.figure(Twin.FIGURE3, "Llama-3.2-1B", "both", "hotpotqa/total"));
        assertNull(paper.figure(Twin.FIGURE3, "Llama-3.2-1B", "neither", "hotpotqa/total"), "a picture only");
        assertNull(paper.figure(Twin.TABLE1, "demo", "parametric", "2wiki/total"));
        assertNull(paper.figure(Twin.TABLE1, "Llama-3.2-1B", "parametric", "demo/total"));
        assertNull(paper.figure(Twin.TABLE1, "Llama-3.2-1B", "ircot", "2wiki/total"));
    }

    @Test
    void models() {
        for (String name : new String[] {
            "Llama-3.2-1B", "meta-llama_Llama-3.2-1B-Instruct", "llama3.2-1b-instruct-q8_0.gguf", "Llama-3.2-1B int8"
        }) {
            assertEquals(Optional.of("LLaMA-1B"), PaperFigures.model(name), name);
        }
        assertEquals(Optional.of("Qwen-1.5B"), PaperFigures.model("Qwen2.5-1.5B-Instruct-Q4_K_M"));
        assertEquals(Optional.of("LLaMA-8B"), PaperFigures.model("Meta-Llama-3-8B-Instruct"));
        for (String other : new String[] {
            "Llama-3.1-8B",
            "Llama-3.2-11B",
            "Llama-3.2-1.5B",
            "Qwen2.5-Coder-1.5B",
            "Qwen2.5-11.5B",
            "TinyLlama-3-8B",
            "Llama-3-8Bit",
            "demo",
            ""
        }) {
            assertEquals(Optional.empty(), PaperFigures.model(other), other);
        }
    }

    @Test
    void allFiguresOfThePaperAreThere() throws IOException {
        JsonNode root = JsonMapper.builder()
                .build()
                .readTree(PaperFiguresTest.class.getResourceAsStream("/reproduction/paper.json"));
        int[] counts = new int[5];
        double sum = 0;
        int daggers = 0;
        int stars = 0;
        for (int i = 0; i < counts.length; i++) {
            JsonNode table = root.get(new String[] {"table1", "table2", "table3", "table4", "figure3"}[i]);
            for (JsonNode model : table.get("rows")) {
                for (JsonNode row : model) {
                    assertEquals(table.get("columns").size(), row.size());
                    for (JsonNode cell : row) {
                        PaperFigure figure = PaperFigure.parse(cell.asText());
                        counts[i] += figure == null ? 0 : 1;
                        if (i == 0) {
                            sum += figure.value();
                            daggers += figure.worseThanParametric() ? 1 : 0;
                            stars += figure.worseThanBest() ? 1 : 0;
                        }
                    }
                }
            }
        }
        assertEquals("[180, 24, 24, 24, 8]", Arrays.toString(counts));
        assertEquals(49.7055, sum, 1e-9);
        assertEquals(76, daggers);
        assertEquals(110, stars);
    }
}
