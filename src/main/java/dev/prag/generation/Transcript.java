package dev.prag.generation;

import java.util.Arrays;

/** What a request has generated: tokens, log-probabilities, and the text that is certain. */
final class Transcript {
    private final TokenText decoder;
    private final StopStrings stops;
    private final StringBuilder text = new StringBuilder();
    private final int limit;
    private int[] ids = new int[16];
    private float[] logprobs = new float[16];
    private int size;

    Transcript(TokenText decoder, StopStrings stops, int limit) {
        this.decoder = decoder;
        this.stops = stops;
        this.limit = limit;
    }

    /** Takes a token that is no stop token, and returns the text that became certain. */
    String add(int id, float logprob) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, size * 2);
            logprobs = Arrays.copyOf(logprobs, size * 2);
        }
        ids[size] = id;
        logprobs[size++] = logprob;
        return certain(stops.push(decoder.push(id)));
    }

    /** The text that the end makes certain. */
    String rest() {
        return certain(stops.push(decoder.finish()) + stops.rest());
    }

    /** Whether a stop string came. */
    boolean stopped() {
        return stops.hit();
    }

    /** Whether it has as many tokens as it may. */
    boolean full() {
        return size == limit;
    }

    int size() {
        return size;
    }

    GenerationResult result(Finish finish) {
        return new GenerationResult(Arrays.copyOf(ids, size), text.toString(), Arrays.copyOf(logprobs, size), finish);
    }

    private String certain(String piece) {
        text.append(piece);
        return piece;
    }
}
