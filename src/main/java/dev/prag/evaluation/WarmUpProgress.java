package dev.prag.evaluation;

import dev.prag.training.Checkpoint;
import dev.prag.training.CheckpointFile;
import dev.prag.training.CheckpointKeeper;
import java.nio.file.Path;
import java.time.Duration;

/** How far a warm-up is, in a file beside the folder that it will be in. Keeping it takes a twentieth of the time at most. */
final class WarmUpProgress implements CheckpointKeeper {
    private static final Duration BETWEEN = Duration.ofSeconds(20);
    /** So many times as long as writing took, nothing is written. */
    private static final int SHARE = 20;

    private final CheckpointFile file;
    private long next = System.nanoTime() + BETWEEN.toNanos();

    private WarmUpProgress(CheckpointFile file) {
        this.file = file;
    }

    /** @param made what decides the warm-up */
    static WarmUpProgress beside(Path out, String made) {
        Path folder = out.toAbsolutePath().normalize();
        return new WarmUpProgress(
                new CheckpointFile(folder.resolveSibling("." + folder.getFileName() + ".checkpoint"), made));
    }

    /**
     * From where to go on; null where it begins.
     *
     * @throws dev.prag.base.UserException if the file is another warm-up's
     */
    Checkpoint read() {
        return file.read().orElse(null);
    }

    @Override
    public boolean isDue() {
        return System.nanoTime() - next >= 0;
    }

    @Override
    public void keep(int job, Checkpoint checkpoint) {
        long began = System.nanoTime();
        file.write(checkpoint);
        long now = System.nanoTime();
        next = now + Math.max(BETWEEN.toNanos(), SHARE * (now - began));
    }

    /** For a training that is at its end. */
    void remove() {
        file.remove();
    }
}
