package dev.prag.cli.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.cli.Errors;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** Runs {@code prag model} as the program does, with its streams caught. */
record Tool(int exit, String out, String err) {
    static final JsonMapper JSON = JsonMapper.builder().build();

    static Tool run(String input, String... args) {
        return run(input.getBytes(StandardCharsets.UTF_8), args);
    }

    static Tool run(byte[] input, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input));
        try {
            CommandLine model = new CommandLine(new ModelCommand());
            ModelCommand.addTools(model, List.of(args));
            int exit = Errors.install(model)
                    .setOut(new PrintWriter(out))
                    .setErr(new PrintWriter(err))
                    .execute(args);
            return new Tool(exit, out.toString(), err.toString());
        } finally {
            System.setIn(before);
        }
    }

    /** The lines of standard output, each of them JSON. */
    List<JsonNode> lines() {
        List<JsonNode> lines = new ArrayList<>();
        out.lines().forEach(line -> {
            try {
                lines.add(JSON.readTree(line));
            } catch (JsonProcessingException e) {
                throw new AssertionError("not JSON on standard output: " + line, e);
            }
        });
        return lines;
    }
}
