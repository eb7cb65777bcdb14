package dev.prag.answering;

import dev.prag.generation.Finish;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.GenerationResult;
import dev.prag.generation.Scorer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/** Has the engine write an answer piece by piece, within the bounds, and counts what that takes. */
final class Rounds {
    private final AnswerService service;
    private final Writing writing;
    private final AnswerListener listener;
    private final Ending ending;
    private final Collection<String> notes;
    private final int most;
    private final float penalty;

    private int[] lastPrompt;
    private int generations;
    private int promptTokens;
    private int tokens;
    private boolean spent;
    private long firstNanos;
    private long nanos;

    /** @param most tokens that may be generated where an answer is written in pieces */
    Rounds(
            AnswerService service,
            Writing writing,
            AnswerListener listener,
            Ending ending,
            Collection<String> notes,
            int most) {
        this.service = service;
        this.writing = writing;
        this.listener = listener;
        this.ending = ending;
        this.notes = notes;
        this.most = most;
        this.penalty = service.recipe().answering().penalty(service.model().generationDefaults());
    }

    /** The prompt of what was generated last, without what was kept of the text; null where nothing was. */
    int[] lastPrompt() {
        return lastPrompt;
    }

    int promptTokens() {
        return promptTokens;
    }

    int tokens() {
        return tokens;
    }

    /** Whether the bound on tokens ended what was written last. */
    boolean spent() {
        return spent;
    }

    /** From submitting the first prompt to its first token. */
    long firstNanos() {
        return firstNanos;
    }

    /** From submitting prompts to their last tokens, together. */
    long nanos() {
        return nanos;
    }

    /** Whether whoever asked or the clock has ended the answer; the text says so then. */
    boolean ended(Text text) {
        if (text.goesOn() && ending.cancelled()) {
            text.end(Finish.CANCELLED);
        } else if (text.goesOn() && ending.late()) {
            text.end(Finish.LENGTH);
            notes.add("the answer ends here, after " + ending.most().toSeconds()
                    + " s, which is the bound (prag.answering.max-seconds)");
        }
        return !text.goesOn();
    }

    /** Writes a text to its end; it is heard as it comes. */
    Draft write(Text text, FittedPrompt prompt, InForce inForce) {
        spent = false;
        Draft draft = generate(text, prompt, text.limit(), inForce, true);
        text.add(draft, draft.size());
        finish(text, draft);
        return draft;
    }

    /** The next tokens of a text, which are not heard; null where it ends here. */
    Draft draft(Text text, int wanted, Supplier<FittedPrompt> prompt, InForce inForce) {
        if (ended(text)) {
            return null;
        }
        int room = Math.min(wanted, text.limit() - text.size());
        if (room <= 0 || service.context() - text.size() <= contextFor(text)) {
            text.end(Finish.LENGTH);
            return null;
        }
        if (tokens >= most) {
            spent = true;
            notes.add("the model wrote " + tokens + " tokens for this answer, which is the bound"
                    + " (prag.answering.max-generated-tokens): it ends here");
            text.end(Finish.LENGTH);
            return null;
        }
        return generate(text, prompt.get(), Math.min(room, most - tokens), inForce, false);
    }

    /** Tokens of the prompt before the passages; 0 where nothing was kept, so that a question that is too long is told. */
    private int contextFor(Text text) {
        return text.size() == 0 ? 0 : lastPrompt.length;
    }

    /** Keeps the first so many tokens and tells of them; returns their text. */
    String keep(Text text, Draft draft, int count) {
        String kept = text.add(draft, count);
        if (text.heard()) {
            int told = 0;
            for (Draft.Token token : draft.tokens().subList(0, count)) {
                // Behind a stop string nothing belongs to the text.
                String piece = token.text().substring(0, Math.min(token.text().length(), kept.length() - told));
                listener.onToken(token.id(), piece, token.logprob(), token.top());
                told += piece.length();
            }
            if (told < kept.length()) {
                listener.onText(kept.substring(told));
            }
        }
        if (count == draft.size()) {
            finish(text, draft);
        }
        return kept;
    }

    private void finish(Text text, Draft draft) {
        switch (draft.finish()) {
            case STOP -> text.end(Finish.STOP);
            case CANCELLED -> ended(text);
            case LENGTH -> {
                if (draft.size() < draft.asked() || text.size() >= text.limit()) {
                    text.end(Finish.LENGTH);
                }
            }
        }
    }

    private Draft generate(Text text, FittedPrompt fitted, int asked, InForce inForce, boolean live) {
        int[] prompt = fitted.ids();
        int[] begun = text.ids();
        int[] ids = Arrays.copyOf(prompt, prompt.length + begun.length);
        System.arraycopy(begun, 0, ids, prompt.length, begun.length);
        GenerationRequest generation = writing.apply(
                GenerationRequest.greedy(ids, asked)
                        .with(inForce.composition())
                        .with(inForce.scope())
                        .goingOn(begun.length),
                generations,
                penalty);
        Recorder recorder = new Recorder(listener, live);
        TextWriter.Written written = TextWriter.write(service.engine(), generation, recorder, ending);
        GenerationResult result = written.result();
        lastPrompt = prompt;
        firstNanos = generations == 0 ? written.firstNanos() : firstNanos;
        nanos += written.nanos();
        generations++;
        promptTokens += ids.length;
        tokens += result.ids().length;
        return new Draft(recorder.tokens, result.text(), result.finish(), asked);
    }

    /** Remembers tokens, and hands them on where they are heard as they come. */
    private static final class Recorder implements AnswerListener {
        private final AnswerListener listener;
        private final boolean live;
        private final List<Draft.Token> tokens = new ArrayList<>();

        Recorder(AnswerListener listener, boolean live) {
            this.listener = listener;
            this.live = live;
        }

        @Override
        public void onToken(int id, String text, float logprob, Scorer.Top top) {
            tokens.add(new Draft.Token(id, text, logprob, top));
            if (live) {
                listener.onToken(id, text, logprob, top);
            }
        }

        @Override
        public void onText(String text) {
            if (live) {
                listener.onText(text);
            }
        }

        @Override
        public void onStart(Runnable cancel) {
            listener.onStart(cancel);
        }
    }
}
