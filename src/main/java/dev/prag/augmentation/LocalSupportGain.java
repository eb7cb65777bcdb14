package dev.prag.augmentation;

import dev.prag.generation.Scorer;
import dev.prag.llm.LanguageModel;
import dev.prag.lora.Composition;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** By the model of this process, without any adapter, in the chats that questions are asked in. */
final class LocalSupportGain implements SupportGain, AutoCloseable {
    private final Supplier<LanguageModel> model;
    private Scorer scorer;

    LocalSupportGain(Supplier<LanguageModel> model) {
        this.model = model;
    }

    @Override
    public double of(PromptSet prompts, String passage, String question, String answer) {
        return logprob(prompts, List.of(passage), question, answer) - logprob(prompts, List.of(), question, answer);
    }

    private double logprob(PromptSet prompts, List<String> passages, String question, String answer) {
        int[] prompt = prompts.answerIds(model.get(), passages, question, false);
        int[] tokens =
                model.get().tokenizer().encodeFollowing((prompts.start(false).endsWith(" ") ? "" : " ") + answer);
        int[] all = Arrays.copyOf(prompt, prompt.length + tokens.length);
        System.arraycopy(tokens, 0, all, prompt.length, tokens.length);
        float[] logprobs = scorer().score(all, Composition.NONE, 0).logprobs();
        double sum = 0;
        for (int i = prompt.length - 1; i < logprobs.length; i++) {
            sum += logprobs[i];
        }
        return sum / tokens.length;
    }

    private synchronized Scorer scorer() {
        if (scorer == null) {
            scorer = new Scorer(model.get().decoder());
        }
        return scorer;
    }

    @Override
    public synchronized void close() {
        if (scorer != null) {
            scorer.close();
            scorer = null;
        }
    }
}
