package dev.prag.llm;

import java.util.List;
import java.util.Optional;

/**
 * What generation_config.json recommends. What it leaves out is off, so nothing applies that nobody asked for.
 *
 * @param doSample whether it recommends sampling at all
 * @param temperature divides the logits; 1 leaves them
 * @param topK number of best tokens to draw from; 0 for all
 * @param topP share of probability to draw from; 1 for all
 * @param repetitionPenalty divides the logits of tokens that occurred; 1 leaves them
 * @param maxNewTokens most tokens to write, if it says so
 * @param eosIds tokens that end a text: its own, else those of config.json
 */
public record GenerationDefaults(
        boolean doSample,
        float temperature,
        int topK,
        float topP,
        float repetitionPenalty,
        Optional<Integer> maxNewTokens,
        List<Integer> eosIds) {

    public GenerationDefaults {
        eosIds = List.copyOf(eosIds);
    }

    static GenerationDefaults read(JsonFile json, ModelConfig config) {
        List<Integer> own = json.integers("eos_token_id", 0, config.vocabSize() - 1);
        return new GenerationDefaults(
                json.flag("do_sample", false),
                json.number("temperature", 0, 1000, 1),
                json.integer("top_k", 0, Integer.MAX_VALUE, 0),
                json.number("top_p", 0, 1, 1),
                json.number("repetition_penalty", Float.MIN_NORMAL, 1000, 1),
                json.has("max_new_tokens")
                        ? Optional.of(json.integer("max_new_tokens", 1, Integer.MAX_VALUE))
                        : Optional.empty(),
                own.isEmpty() ? config.eosIds() : own);
    }
}
