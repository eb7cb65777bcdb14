package dev.prag.answering;

import dev.prag.generation.Generation;
import dev.prag.generation.GenerationEngine;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.GenerationResult;
import dev.prag.generation.Scorer;
import dev.prag.generation.TokenListener;

/** Has the engine continue a prompt, and waits for all of it. */
final class TextWriter {
    /**
     * What was written.
     *
     * @param firstNanos from submitting the prompt to the first token
     * @param nanos from submitting the prompt to the last token
     */
    record Written(GenerationResult result, long firstNanos, long nanos) {}

    private TextWriter() {}

    static Written write(GenerationEngine engine, GenerationRequest request, AnswerListener listener, Ending ending) {
        long from = System.nanoTime();
        Pieces pieces = new Pieces(listener);
        Generation running = engine.submit(request, pieces);
        GenerationResult result;
        try {
            ending.begin(running);
            listener.onStart(ending::cancel);
        } catch (RuntimeException e) {
            running.cancel();
            throw e;
        } finally {
            // The adapters stay in force until the engine is done with them.
            result = ending.await(running);
        }
        long now = System.nanoTime();
        return new Written(result, pieces.first == 0 ? now - from : pieces.first - from, now - from);
    }

    /** Passes text on and remembers when the first token came. */
    private static final class Pieces implements TokenListener {
        private final AnswerListener listener;
        private volatile long first;

        Pieces(AnswerListener listener) {
            this.listener = listener;
        }

        @Override
        public void onToken(int id, String text, float logprob) {
            onToken(id, text, logprob, null);
        }

        @Override
        public void onToken(int id, String text, float logprob, Scorer.Top top) {
            if (first == 0) {
                first = System.nanoTime();
            }
            listener.onToken(id, text, logprob, top);
        }

        @Override
        public void onRest(String text) {
            if (!text.isEmpty()) {
                listener.onText(text);
            }
        }

        @Override
        public void onDone(GenerationResult result) {}

        @Override
        public void onError(RuntimeException error) {}
    }
}
