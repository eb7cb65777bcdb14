package dev.prag.augmentation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How an augmentation was made, so that it can be read afterwards.
 *
 * @param model that was asked, for people
 * @param prompts by what was asked for: the wording, with its placeholders
 * @param calls what was asked, in the order of asking; the first of many
 * @param figures sums: {@code asked} and {@code kept} questions, {@code paraphrases}, {@code sentences} of the passage and
 *     those {@code covered} by a pair, {@code rewrites}, and {@code dropped: REASON} for every reason
 */
@RegisterForReflection
public record Making(String model, Map<String, String> prompts, List<Call> calls, Map<String, Integer> figures) {
    /** Calls that are kept, and characters of each answer. */
    static final int MOST_CALLS = 400;

    private static final int LONGEST_ANSWER = 1000;

    /**
     * One answer of the model that was asked for.
     *
     * @param of what was asked for
     * @param wrote what the model answered, cut to a bound
     * @param outcome {@code kept}, or why it is no use
     */
    @RegisterForReflection
    public record Call(
            String of,
            double temperature,
            long seed,
            String wrote,

            @JsonInclude(JsonInclude.Include.NON_NULL) @JsonSetter(nulls = Nulls.SET)
            String outcome) {
        public Call {
            wrote = wrote.length() <= LONGEST_ANSWER ? wrote : wrote.substring(0, LONGEST_ANSWER) + "…";
        }
    }

    public Making {
        prompts = new TreeMap<>(prompts);
        calls = List.copyOf(calls.size() <= MOST_CALLS ? calls : calls.subList(0, MOST_CALLS));
        figures = new TreeMap<>(figures);
    }

    /** Of an augmentation that was taken in from a file. */
    public static Making imported(String file, String passage, Augmentation augmentation) {
        List<String> sentences = Topics.sentences(passage);
        Map<String, Integer> figures = Map.of(
                "kept",
                        (int) augmentation.pairs().stream()
                                .filter(pair -> pair.paraphraseOf() == null)
                                .count(),
                "rewrites", augmentation.rewrites().size(),
                "sentences", sentences.size(),
                "covered", Coverage.covered(sentences, augmentation.pairs()));
        return new Making("the file " + file, Map.of(), List.of(), figures);
    }
}
