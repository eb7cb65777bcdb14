package dev.prag.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.llm.ModelFolder;
import dev.prag.llm.StreamDecoder;
import dev.prag.llm.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenTapeTest {
    private final Tokenizer tokenizer =
            ModelFolder.open(Path.of("src/main/demo/model")).tokenizer();
    private final TokenTape tape = new TokenTape(tokenizer);

    @Test
    void tokensOfOneCharacterComeTogether() {
        int[] ids = tokenizer.encodeText("a 👍 b", false);
        StreamDecoder decoder = tokenizer.stream(true);
        List<Integer> released = new ArrayList<>();
        for (int id : ids) {
            tape.add(id, -1, null);
            String piece = decoder.push(id);
            List<TokenTape.Entry> entries = piece.isEmpty() ? List.of() : tape.release(piece.length());
            assertEquals(piece.isEmpty(), entries.isEmpty());
            entries.forEach(entry -> released.add(entry.id()));
        }
        assertEquals(java.util.Arrays.stream(ids).boxed().toList(), released);
        TokenLogprobs told = tape.chat(List.of(new TokenTape.Entry(ids[0], 0, Float.NEGATIVE_INFINITY, null)));
        assertEquals(-9999, told.content().getFirst().logprob());
        assertEquals(List.of((int) 'a'), told.content().getFirst().bytes());
    }

    @Test
    void whatIsCutAwayIsNotTold() {
        int[] ids = tokenizer.encodeText("one two three", false);
        for (int id : ids) {
            tape.add(id, -1, null);
        }
        int before = tokenizer.encodeText("one", false).length;
        assertEquals(before, tape.release(3).size());
        assertEquals(List.of(), tape.release(0));
    }
}
