package dev.prag.generation;

import dev.prag.base.UserException;
import dev.prag.generation.grammar.JsonSchema;
import dev.prag.generation.grammar.TokenVocabulary;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Constraints of an engine's sequences, and the thread that works for them. Nothing is made before it is needed. */
final class Masks implements AutoCloseable {
    private static final int IDLE_SECONDS = 10;

    private final Supplier<TokenVocabulary> source;
    private final ThreadPoolExecutor thread;
    private TokenVocabulary vocabulary;

    /** @param source null where tokens have no bytes */
    Masks(Supplier<TokenVocabulary> source) {
        this.source = source;
        thread = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("prag-masks").factory(),
                // After the end nobody waits for a mask.
                new ThreadPoolExecutor.DiscardPolicy());
        thread.allowCoreThreadTimeOut(true);
    }

    /**
     * What a text has to keep to; null for anything.
     *
     * @param stopIds tokens that end it
     * @param limit tokens that may come
     * @throws UserException if the schema isn't supported
     */
    Constraint constraint(JsonSchema schema, Set<Integer> stopIds, int limit) {
        return schema == null
                ? null
                : new Constraint(vocabulary().grammar(schema).matcher(stopIds), limit, thread);
    }

    /** @throws UserException if the schema isn't supported */
    void check(JsonSchema schema) {
        vocabulary().grammar(schema);
    }

    private synchronized TokenVocabulary vocabulary() {
        if (source == null) {
            throw new UserException("a schema needs the model's tokenizer, which this engine has none of");
        }
        if (vocabulary == null) {
            vocabulary = source.get();
        }
        return vocabulary;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
