package dev.prag.parameterization;

import dev.prag.parameterization.EncodingProgress.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keeps count of one run of an encoder and tells its listener. Two batches may be under way: one that is being trained
 * and one that is being augmented.
 */
final class RunProgress {
    /** Of the work that a batch is, what its augmentation is; measured with the demo model and recipe. */
    private static final double AUGMENTATION_SHARE = 0.4;

    /** Of the training of a batch, what its first one is where a gate may want others: few passages need them. */
    private static final double SHARE_OF_TRAINING = 0.8;

    private static final double TOO_EARLY = 0.1;

    private final EncodingListener listener;
    private final EncoderMetrics metrics;
    private final long started = System.nanoTime();
    private final List<Batch> underWay = new ArrayList<>();
    private long trained;
    private long reused;
    private long failures;
    private long givenUp;
    private long incomplete;
    private long withheld;
    private long tokens;
    private long done;
    private long pending;
    /** Passages that are augmented and neither under way nor done. */
    private int ahead;

    /** The largest fraction that was told: what fails and comes again must not make it less. */
    private double furthest;

    RunProgress(EncodingListener listener, EncoderMetrics metrics) {
        this.listener = listener;
        this.metrics = metrics;
    }

    /** @param passages that are neither ready nor failed, those under way included */
    synchronized void expect(long passages) {
        pending = passages;
    }

    /** @param augments whether anything has to be asked for */
    synchronized Batch begin(int passages, boolean augments) {
        int augmented = augments ? 0 : Math.min(ahead, passages);
        ahead -= augmented;
        Batch batch = new Batch(passages, augments || augmented > 0 ? AUGMENTATION_SHARE : 0);
        batch.augmentation = augmented > 0 ? AUGMENTATION_SHARE : 0;
        underWay.add(batch);
        tell();
        return batch;
    }

    synchronized void waiting() {
        tell(Phase.WAITING, 0);
    }

    synchronized EncodingSummary summary() {
        return new EncodingSummary(
                trained,
                reused,
                failures,
                givenUp,
                incomplete,
                withheld,
                tokens,
                Duration.ofNanos(System.nanoTime() - started));
    }

    /** Training is told of rather than the augmentation beside it: what is ready next comes of it. */
    private void tell() {
        Optional<Batch> training =
                underWay.stream().filter(batch -> batch.trainingStarted != 0).findFirst();
        if (training.isPresent()) {
            tell(Phase.TRAINING, training.get().tokensPerSecond());
        } else {
            tell(Phase.AUGMENTING, 0);
        }
    }

    private void tell(Phase phase, double tokensPerSecond) {
        double work = done + ahead * AUGMENTATION_SHARE;
        for (Batch batch : underWay) {
            work += batch.work();
        }
        long total = done + pending;
        // A passage that was deleted meanwhile may still be under way.
        double fraction = total == 0 ? 1 : Math.min(1, work / total);
        long spent = System.nanoTime() - started;
        Optional<Duration> left = fraction < TOO_EARLY
                ? Optional.empty()
                : Optional.of(Duration.ofNanos((long) (spent * (1 - fraction) / fraction)));
        furthest = Math.max(furthest, fraction);
        listener.onProgress(new EncodingProgress(phase, done, total, furthest, tokensPerSecond, left));
    }

    /** Passages that go through augmentation and training together. */
    final class Batch {
        private final double augmentationShare;
        /** Those that are not ready yet, nor failed. */
        private int passages;
        /** Of the work that each of them is, what its augmentation has come to. */
        private double augmentation;
        /** Those that are being trained, and what that has come to. */
        private int together;

        private double training;

        private long trainingStarted;
        private long trainedTokens;
        /** How often some of its passages may be trained, and how often they have been before. */
        private int mostTrainings = 1;

        private int trainings;

        private Batch(int passages, double augmentationShare) {
            this.passages = passages;
            this.augmentationShare = augmentationShare;
        }

        private double work() {
            return passages * augmentation + Math.min(together, passages) * (1 - augmentationShare) * training;
        }

        void augmented(int answers, int ofAnswers) {
            synchronized (RunProgress.this) {
                augmentation = Math.max(augmentation, augmentationShare * Math.min(1, (double) answers / ofAnswers));
                tell();
            }
        }

        /** So many of its passages are trained now; the others wait. */
        void beginTraining(int passagesTogether) {
            synchronized (RunProgress.this) {
                if (trainingStarted == 0) {
                    trainingStarted = System.nanoTime();
                }
                trainings = 0;
                augmentation = augmentationShare;
                training = 0;
                together = passagesTogether;
                // Before the first step what samples begin with is read, and a teacher reads the passages.
                tell();
            }
        }

        /** @param most how often some of the passages may be trained until their adapters are good enough */
        void mayTrain(int most) {
            synchronized (RunProgress.this) {
                mostTrainings = most;
            }
        }

        /** Some of the passages are trained once more. */
        void trainAgain() {
            synchronized (RunProgress.this) {
                trainings++;
            }
        }

        /** Of all training, what is done once so many trainings are: of what is left each is most, and the last one all. */
        private double done(int ended) {
            return ended >= mostTrainings ? 1 : 1 - Math.pow(1 - SHARE_OF_TRAINING, ended);
        }

        void trainedOn(int sampleTokens, double fractionOfTraining) {
            synchronized (RunProgress.this) {
                trainedTokens += sampleTokens;
                tokens += sampleTokens;
                metrics.trainedOn(sampleTokens);
                double before = done(trainings);
                training = Math.max(training, before + (done(trainings + 1) - before) * fractionOfTraining);
                tell();
            }
        }

        void ready(boolean wasThere, boolean noted) {
            synchronized (RunProgress.this) {
                if (wasThere) {
                    reused++;
                } else {
                    trained++;
                }
                metrics.passage(wasThere ? "reused" : "trained");
                if (noted) {
                    incomplete++;
                }
                leave();
                over();
            }
        }

        /** Its adapter is not to be used. */
        void withheld() {
            synchronized (RunProgress.this) {
                withheld++;
                metrics.passage("withheld");
                leave();
                over();
            }
        }

        /** @param isGivenUp whether it is not tried again */
        void failed(PassageFailure failure, boolean isGivenUp) {
            synchronized (RunProgress.this) {
                failures++;
                metrics.passage("failed");
                leave();
                if (isGivenUp) {
                    givenUp++;
                    over();
                }
                listener.onFailed(failure, isGivenUp);
            }
        }

        /** A passage was deleted, or is another encoder's now. */
        void dropped() {
            synchronized (RunProgress.this) {
                leave();
            }
        }

        private void leave() {
            passages--;
            together = Math.max(0, together - 1);
        }

        private void over() {
            done++;
            pending = Math.max(0, pending - 1);
        }

        void end() {
            synchronized (RunProgress.this) {
                underWay.remove(this);
                if (!underWay.isEmpty()) {
                    tell();
                }
            }
        }

        /** It is augmented, and trained later. */
        void endAhead() {
            synchronized (RunProgress.this) {
                ahead += passages;
                end();
            }
        }

        private double tokensPerSecond() {
            double seconds = (System.nanoTime() - trainingStarted) / 1e9;
            return seconds > 0 ? trainedTokens / seconds : 0;
        }
    }
}
