package dev.prag.augmentation;

import dev.langchain4j.data.message.ChatMessage;
import dev.prag.augmentation.Asker.Line;
import dev.prag.base.Hashes;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Asks for lines about one passage, many at once, each with a seed that its name decides. */
record PassageLines(Augmentable passage, AugmentationSettings settings, Asker asker, ExecutorService threads) {
    /**
     * Asks for a line.
     *
     * @param before turns that come first
     * @param start how the answer begins
     * @param name of the line, which no other of the passage has
     */
    Future<Line> submit(String prompt, double temperature, List<ChatMessage> before, String start, String name) {
        long seed = Hashes.builder()
                .add(settings.seed())
                .add(passage.text())
                .add(name)
                .add(passage.attempt())
                .seed();
        Asking how = new Asking(temperature, settings.questions().maxTokens(), seed, before, start, null);
        return threads.submit(() -> asker.line(prompt, how, passage.text()));
    }

    /** What the passage says of itself, and what it is about. */
    String known() {
        return passage.text() + " " + passage.subject();
    }

    /**
     * Waits for what a thread makes of a passage.
     *
     * @throws CancellationException if that thread was interrupted
     * @throws InterruptedException if this one is
     */
    static <T> T get(Future<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case InterruptedException cause -> throw new CancellationException("augmentation was interrupted");
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }
}
