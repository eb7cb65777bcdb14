package dev.prag.generation;

import dev.prag.generation.grammar.Matcher;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/** What the tokens of one sequence keep to. What may come next is found out on another thread, beside the step. */
final class Constraint {
    private final Matcher matcher;
    private final Executor beside;
    private CompletableFuture<long[]> mask;

    /** @param limit tokens that may come */
    Constraint(Matcher matcher, int limit, Executor beside) {
        this.matcher = matcher;
        this.beside = beside;
        prepare(limit);
    }

    /**
     * The ids that may come next, as {@link dev.prag.tensor.SamplingRow} has them.
     *
     * @throws RuntimeException what finding them out failed with
     */
    long[] mask() {
        try {
            return mask.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /**
     * Takes the token chosen.
     *
     * @param remaining tokens that may still come
     */
    void accept(int id, int remaining) {
        matcher.accept(id);
        if (remaining > 0 && !matcher.exhausted()) {
            prepare(remaining);
        }
    }

    /** Whether the text is complete, and can or may not go on. */
    boolean ends(int remaining) {
        return matcher.exhausted() || (remaining == 0 && matcher.complete());
    }

    private void prepare(int remaining) {
        mask = CompletableFuture.supplyAsync(() -> matcher.mask(remaining), beside);
    }
}
