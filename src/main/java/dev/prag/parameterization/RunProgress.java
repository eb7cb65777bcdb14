package dev.prag.parameterization;

import dev.prag.parameterization.EncodingProgress.Phase;
import java.time.Duration;
import java.util.Optional;

/** Keeps count of one run of an encoder and tells its listener. */
final class RunProgress {
    /** Of the time that a batch takes, what its augmentation takes; measured with the demo model and recipe. */
    private static final double AUGMENTATION_SHARE = 0.4;

    private static final double TOO_EARLY = 0.1;

    private final EncodingListener listener;
    private final long started = System.nanoTime();
    private long trained;
    private long reused;
    private long failures;
    private long incomplete;
    private long tokens;
    private long done;
    private long pending;
    private int batch;
    private double augmentationShare;
    private long trainingStarted;
    private long batchTokens;

    RunProgress(EncodingListener listener) {
        this.listener = listener;
    }

    /** @param waiting passages that are neither ready nor failed, those of the batch included */
    synchronized void beginBatch(int passages, long waiting, boolean augments) {
        batch = passages;
        pending = Math.max(waiting, passages);
        augmentationShare = augments ? AUGMENTATION_SHARE : 0;
        tell(Phase.AUGMENTING, 0, 0);
    }

    synchronized void augmented(int answers, int ofAnswers) {
        tell(Phase.AUGMENTING, augmentationShare * Math.min(1, (double) answers / ofAnswers), 0);
    }

    synchronized void beginTraining() {
        trainingStarted = System.nanoTime();
        batchTokens = 0;
    }

    synchronized void trainedOn(int sampleTokens, double fractionOfBatch) {
        batchTokens += sampleTokens;
        tokens += sampleTokens;
        double seconds = (System.nanoTime() - trainingStarted) / 1e9;
        tell(
                Phase.TRAINING,
                augmentationShare + (1 - augmentationShare) * fractionOfBatch,
                seconds > 0 ? batchTokens / seconds : 0);
    }

    synchronized void ready(boolean wasThere, boolean noted) {
        if (wasThere) {
            reused++;
        } else {
            trained++;
        }
        if (noted) {
            incomplete++;
        }
    }

    synchronized void failed(String title, String reason) {
        failures++;
        listener.onFailed(title, reason);
    }

    synchronized void endBatch() {
        done += batch;
        pending -= batch;
        batch = 0;
    }

    synchronized void waiting(long passages) {
        pending = passages;
        tell(Phase.WAITING, 0, 0);
    }

    synchronized EncodingSummary summary() {
        return new EncodingSummary(
                trained, reused, failures, incomplete, tokens, Duration.ofNanos(System.nanoTime() - started));
    }

    private void tell(Phase phase, double ofBatch, double tokensPerSecond) {
        long total = done + pending;
        double fraction = total == 0 ? 1 : (done + batch * ofBatch) / total;
        long spent = System.nanoTime() - started;
        Optional<Duration> left = fraction < TOO_EARLY
                ? Optional.empty()
                : Optional.of(Duration.ofNanos((long) (spent * (1 - fraction) / fraction)));
        listener.onProgress(new EncodingProgress(phase, done, total, fraction, tokensPerSecond, left));
    }
}
