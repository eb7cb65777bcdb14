package dev.prag.parameterization;

import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.Pair;
import dev.prag.augmentation.PromptSet;
import dev.prag.llm.LanguageModel;
import dev.prag.training.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes the training samples of a passage (Su et al., 2025, section 3.2.2). Of n question/answer pairs the first half,
 * rounded up, is asked with the passage in the prompt and then with each rewrite in its place, pair by pair; the rest
 * is asked without any passage, so that the adapter learns to answer from itself.
 */
public final class SampleBuilder {
    private final LanguageModel model;
    private final PromptSet prompts;
    private final boolean steps;

    /**
     * @param steps whether the answers reason first
     */
    public SampleBuilder(LanguageModel model, PromptSet prompts, boolean steps) {
        this.model = model;
        this.prompts = prompts;
        this.steps = steps;
    }

    /** The samples in the order in which they are learned; none where there are no pairs. */
    public List<Sample> build(String passage, Augmentation augmentation) {
        List<String> versions = new ArrayList<>();
        versions.add(passage);
        versions.addAll(augmentation.rewrites());
        List<Pair> pairs = augmentation.pairs();
        int withPassage = (pairs.size() + 1) / 2;
        List<Sample> samples = new ArrayList<>();
        for (Pair pair : pairs.subList(0, withPassage)) {
            for (String version : versions) {
                samples.add(ofChat(model, prompts.sample(List.of(version), pair, steps)));
            }
        }
        for (Pair pair : pairs.subList(withPassage, pairs.size())) {
            samples.add(ofChat(model, prompts.sample(List.of(), pair, steps)));
        }
        return samples;
    }

    /** A whole chat as a sample: the answer is its last turn, the assistant's. */
    public static Sample ofChat(LanguageModel model, List<Map<String, Object>> chat) {
        int[] ids = model.chatIds(chat, false);
        int[] prompt = model.chatIds(chat.subList(0, chat.size() - 1), true);
        int answerFrom = 0;
        while (answerFrom < Math.min(ids.length, prompt.length) && ids[answerFrom] == prompt[answerFrom]) {
            answerFrom++;
        }
        return new Sample(ids, answerFrom);
    }
}
