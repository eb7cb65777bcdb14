package dev.prag.generation;

/**
 * Hears of a request's tokens as they come. The texts of {@link #onToken} and {@link #onRest} in their order make up
 * the text of the result, and none ends within a character.
 *
 * <p>Called on the engine's own thread, which serves every request: it must not block, and must never wait for another
 * generation. An exception from {@link #onToken} or {@link #onRest} ends this request, with that exception.
 */
public interface TokenListener {
    /**
     * A token was chosen.
     *
     * @param text what became certain with it; empty while it is part of a character, or may be the beginning of a stop
     *     string
     * @param logprob its natural log-probability, before penalty and temperature
     */
    void onToken(int id, String text, float logprob);

    /**
     * The same of a request that asked for the most probable tokens.
     *
     * @param top those at this place, best first, whatever was allowed or penalised; null where none were asked for
     */
    default void onToken(int id, String text, float logprob, Scorer.Top top) {
        onToken(id, text, logprob);
    }

    /** Text held back until the end turned out to belong to the result. At most once, before {@link #onDone}. */
    void onRest(String text);

    /** The request ended, or was cancelled; the composition is no longer in use. Nothing follows. */
    void onDone(GenerationResult result);

    /** The request failed; the composition is no longer in use. Nothing follows. */
    void onError(RuntimeException error);

    /** Hears nothing: for callers who only wait for the result. */
    TokenListener NONE = new TokenListener() {
        @Override
        public void onToken(int id, String text, float logprob) {}

        @Override
        public void onRest(String text) {}

        @Override
        public void onDone(GenerationResult result) {}

        @Override
        public void onError(RuntimeException error) {}
    };
}
