package dev.prag.openai;

import dev.prag.generation.Scorer;
import dev.prag.llm.StreamDecoder;
import dev.prag.llm.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Keeps tokens until the text that they begin in is certain, so that none is told of that a stop string cut away. For one
 * thread.
 */
final class TokenTape {
    /** JSON has no infinity; what OpenAI's API writes for it. */
    private static final double LEAST = -9999;

    private final Tokenizer tokenizer;
    private final StreamDecoder decoder;
    private final Deque<Entry> waiting = new ArrayDeque<>();
    private int written;
    private int certain;

    TokenTape(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        decoder = tokenizer.streamFollowing(true);
    }

    /**
     * A token.
     *
     * @param start where it begins, in characters of the text
     * @param top may be null
     */
    record Entry(int id, int start, float logprob, Scorer.Top top) {}

    /** Takes a token. */
    void add(int id, float logprob, Scorer.Top top) {
        waiting.add(new Entry(id, written, logprob, top));
        written += decoder.push(id).length();
    }

    /** The tokens that this much more text makes certain. */
    List<Entry> release(int characters) {
        certain += characters;
        List<Entry> released = new ArrayList<>();
        while (!waiting.isEmpty() && waiting.getFirst().start() < certain) {
            released.add(waiting.removeFirst());
        }
        return released;
    }

    /** Tokens as chats have them. */
    TokenLogprobs chat(List<Entry> entries) {
        return new TokenLogprobs(entries.stream()
                .map(entry -> new TokenLogprobs.Token(
                        name(entry.id()), finite(entry.logprob()), bytes(entry.id()), top(entry.top())))
                .toList());
    }

    /** Tokens as texts have them. */
    TextCompletion.Logprobs text(List<Entry> entries) {
        return new TextCompletion.Logprobs(
                entries.stream().map(entry -> name(entry.id())).toList(),
                entries.stream().map(entry -> finite(entry.logprob())).toList(),
                entries.stream().map(entry -> named(entry.top())).toList(),
                entries.stream().map(Entry::start).toList());
    }

    private List<TokenLogprobs.Top> top(Scorer.Top top) {
        return top == null
                ? List.of()
                : IntStream.range(0, top.ids().length)
                        .mapToObj(i -> new TokenLogprobs.Top(
                                name(top.ids()[i]), finite(top.logprobs()[i]), bytes(top.ids()[i])))
                        .toList();
    }

    private Map<String, Double> named(Scorer.Top top) {
        Map<String, Double> named = new LinkedHashMap<>();
        for (int i = 0; top != null && i < top.ids().length; i++) {
            named.putIfAbsent(name(top.ids()[i]), finite(top.logprobs()[i]));
        }
        return named;
    }

    private String name(int id) {
        return new String(tokenizer.bytes(id), StandardCharsets.UTF_8);
    }

    private List<Integer> bytes(int id) {
        byte[] bytes = tokenizer.bytes(id);
        return IntStream.range(0, bytes.length).mapToObj(i -> bytes[i] & 0xFF).toList();
    }

    private static double finite(float logprob) {
        return Math.max(logprob, LEAST);
    }
}
