package dev.prag.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** A command that was run, with its streams caught. */
record Run(int exit, String out, String err) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    static Run of(CommandLine.IFactory factory, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = Main.commandLine(factory, args)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
        return new Run(exit, out.toString(), err.toString());
    }

    /** Asserts that it went well; returns standard output. */
    String succeeded() {
        assertEquals(0, exit, err);
        return out;
    }

    /** The last line of standard output. */
    JsonNode json() {
        String[] lines = succeeded().split("\\R");
        try {
            return JSON.readTree(lines[lines.length - 1]);
        } catch (JsonProcessingException e) {
            throw new AssertionError("the last line is not JSON: " + out, e);
        }
    }

    /** Asserts that the input was at fault, and that the message has these words. */
    void refused(String... words) {
        assertEquals(2, exit, err);
        assertEquals("", out);
        assertTrue(err.startsWith("prag: "), err);
        assertTrue(!err.contains("\tat "), err);
        for (String word : words) {
            assertTrue(err.contains(word), "no \"" + word + "\" in: " + err);
        }
    }
}
