package dev.prag.augmentation;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.Result;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.generation.EngineBusyException;
import dev.prag.generation.grammar.JsonSchema;
import dev.prag.tensor.DeviceLostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Asks the model about passages until an answer is of use, or too often.
 *
 * @param places how many answers are asked for at once
 * @param onAnswer runs once for each question, when it is done
 * @param failure what an error of the model means for everybody
 */
record Asker(
        AugmentationService service,
        AugmentationSettings settings,
        Semaphore places,
        Runnable onAnswer,
        Function<RuntimeException, UserException> failure,
        BooleanSupplier cancelled) {
    /** An answer that was no use is sampled at least this warm the next time: a greedy one would come again. */
    private static final double RETRY_TEMPERATURE = 0.7;

    /** Of an answer that was no use, in characters. */
    private static final int LONGEST_SHOWN = 1000;

    /**
     * @param maxTokens and what bounds it, by its name in recipes
     * @param schema what an answer of the local model has to fit; null for any
     * @param read what is of use in an answer, which has no reasoning in it any more, and may have been cut off
     */
    record Question<T>(
            String name,
            String prompt,
            double temperature,
            int maxTokens,
            String bound,
            JsonSchema schema,
            Function<String, Result<String>> call,
            BiFunction<String, Boolean, Read<T>> read) {}

    /**
     * An answer as it was understood.
     *
     * @param value null if it is of no use
     * @param fault why it is of none
     */
    record Read<T>(T value, String fault) {
        static <T> Read<T> of(T value) {
            return new Read<>(value, null);
        }

        static <T> Read<T> useless(String fault) {
            return new Read<>(null, fault);
        }
    }

    /**
     * What came of a question.
     *
     * @param value null where the model gave nothing of use
     * @param note says so, for people
     * @param rejected the last answer, and why it is of no use; null where the value isn't
     * @param calls all that was asked
     */
    record Answer<T>(T value, String note, String rejected, List<Making.Call> calls) {}

    /** One line that the model wrote, and how it was asked for it. */
    record Line(String text, boolean cutOff, Asking asking) {
        Making.Call call(String of, String outcome) {
            return new Making.Call(of, asking.temperature(), asking.seed(), text, outcome);
        }
    }

    /** Asks for one line, once; {@code passage} as in {@link Reasoning#cut}. */
    Line line(String prompt, Asking asking, String passage) throws InterruptedException {
        Result<String> result;
        acquire();
        try {
            result = call(service::line, prompt, asking);
        } finally {
            places.release();
        }
        String text = result.content() == null ? "" : result.content();
        return new Line(Reasoning.cut(text, passage).strip(), result.finishReason() == FinishReason.LENGTH, asking);
    }

    /** Tells that one of the answers that were counted on is there. */
    void answered() {
        onAnswer.run();
    }

    private void acquire() throws InterruptedException {
        places.acquire();
        if (cancelled.getAsBoolean()) {
            places.release();
            throw new CancellationException("augmentation was cancelled");
        }
    }

    <T> Answer<T> ask(Question<T> question, Augmentable passage) throws InterruptedException {
        String rejected = null;
        String fault = null;
        List<Making.Call> calls = new ArrayList<>();
        for (int attempt = 0; attempt < settings.tries(); attempt++) {
            Result<String> result;
            Asking asking = asking(question, passage, attempt);
            acquire();
            try {
                result = call(question.call(), question.prompt(), asking);
            } finally {
                places.release();
            }
            Read<T> read = read(question, result, passage.text());
            String outcome = read.value() == null ? read.fault() : "kept";
            String wrote = result.content() == null ? "" : result.content();
            calls.add(new Making.Call(question.name(), asking.temperature(), asking.seed(), wrote, outcome));
            if (read.value() != null) {
                onAnswer.run();
                return new Answer<>(read.value(), null, null, calls);
            }
            fault = read.fault();
            rejected = question.name() + " (" + fault + "): " + shown(result.content());
        }
        onAnswer.run();
        return new Answer<>(
                null,
                question.name() + ": no usable answer in " + settings.tries() + " tries (" + fault + ")",
                rejected,
                calls);
    }

    private static <T> Read<T> read(Question<T> question, Result<String> result, String passage) {
        String text = result.content() == null ? "" : result.content();
        String answer = Reasoning.cut(text, passage);
        boolean cutOff = result.finishReason() == FinishReason.LENGTH;
        if (answer.isEmpty() && !text.isBlank()) {
            return Read.useless(
                    cutOff
                            ? "its reasoning took all " + question.maxTokens() + " tokens of " + question.bound()
                                    + "; give more in the recipe"
                            : "it is nothing but reasoning");
        }
        Read<T> read = question.read().apply(answer, cutOff);
        return read.value() == null && cutOff
                ? Read.useless("it was cut off after the " + question.maxTokens() + " tokens of " + question.bound())
                : read;
    }

    private static String shown(String text) {
        String whole = text == null ? "" : text.strip();
        return whole.length() <= LONGEST_SHOWN ? whole : whole.substring(0, LONGEST_SHOWN) + "…";
    }

    private Asking asking(Question<?> question, Augmentable passage, int attempt) {
        boolean first = attempt == 0 && passage.attempt() == 0;
        Hashes.Builder seed = Hashes.builder()
                .add(settings.seed())
                .add(passage.text())
                .add(question.name())
                .add(attempt);
        if (passage.attempt() > 0) {
            seed.add(passage.attempt());
        }
        return new Asking(
                first ? question.temperature() : Math.max(RETRY_TEMPERATURE, question.temperature()),
                question.maxTokens(),
                seed.seed(),
                List.of(),
                null,
                question.schema());
    }

    private Result<String> call(Function<String, Result<String>> model, String prompt, Asking asking)
            throws InterruptedException {
        while (true) {
            try {
                return ScopedValue.where(Asking.CURRENT, asking)
                        .where(Asking.SETTINGS, settings)
                        .call(() -> model.apply(prompt));
            } catch (EngineBusyException e) {
                // Others use the engine too; there is time.
                Thread.sleep(e.retryAfter());
            } catch (UserException e) {
                if (e.kind() == UserException.Kind.ENVIRONMENT) {
                    throw e;
                }
                throw new PassageException(e.getMessage(), true);
            } catch (InvalidRequestException e) {
                throw new PassageException("the augmentation model refuses it: " + e.getMessage(), false);
            } catch (CancellationException | DeviceLostException e) {
                throw e;
            } catch (RuntimeException e) {
                throw failure.apply(e);
            }
        }
    }

    /** Concerns one passage and no other. */
    static final class PassageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final boolean hopeless;

        /** @param hopeless whether it would be the same the next time */
        PassageException(String message, boolean hopeless) {
            super(message);
            this.hopeless = hopeless;
        }

        boolean isHopeless() {
            return hopeless;
        }
    }
}
