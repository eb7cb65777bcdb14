package dev.prag.generation.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** All bytes as tokens, and many that hold several things at once. */
final class TestVocabulary {
    static final int END = 0;

    private static final List<String> PIECES = List.of(
            "a",
            "ab",
            "name",
            "tion",
            "the",
            "ing",
            "of",
            " ",
            "  ",
            "    ",
            "\n",
            "\n  ",
            "\",",
            "\":",
            "\"}",
            "}]",
            "}]}",
            "\"]",
            "\", \"",
            "\": \"",
            "\":\"",
            "{\"",
            "[{\"",
            "[]",
            "{}",
            "\"\"",
            "],",
            "},",
            "}, {\"",
            ": [",
            "true",
            "false",
            "null",
            "tru",
            "12",
            "123",
            "0.",
            ".5",
            "e1",
            "-1",
            "\\u",
            "\\n",
            "\\\"",
            "\\ud83d",
            "\\ude00",
            "\\ud8",
            "d83",
            "é",
            "ü",
            "日",
            "日本",
            "😀",
            "answer",
            "full",
            "_answer\": ",
            "\",\"",
            "kind",
            "kind 1\"",
            "yes",
            "maybe",
            "value\":",
            "children\": [",
            "ren\":[");

    private TestVocabulary() {}

    static List<byte[]> tokens() {
        List<byte[]> tokens = new ArrayList<>();
        tokens.add(null);
        for (int b = 0; b < 256; b++) {
            tokens.add(new byte[] {(byte) b});
        }
        PIECES.forEach(piece -> tokens.add(piece.getBytes(StandardCharsets.UTF_8)));
        // The last bytes of a character with what follows, and the first ones with what precedes.
        tokens.add(new byte[] {(byte) 0x97, (byte) 0xA5, '"'});
        tokens.add(new byte[] {'x', (byte) 0xF0, (byte) 0x9F});
        tokens.add(new byte[] {(byte) 0x98, (byte) 0x80, '"', ','});
        return tokens;
    }

    static TokenVocabulary vocabulary() {
        List<byte[]> tokens = tokens();
        return new TokenVocabulary(tokens.toArray(byte[][]::new), tokens.size() + 5);
    }
}
