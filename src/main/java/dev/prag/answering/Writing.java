package dev.prag.answering;

import dev.prag.base.UserException;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.Sampling;
import dev.prag.generation.grammar.JsonSchema;
import java.util.List;
import java.util.Set;

/**
 * How a text is written, beside its length.
 *
 * @param temperature 0 is greedy
 * @param topP share of probability that tokens are drawn from; 1 is all
 * @param seed decides what is sampled where the temperature isn't 0
 * @param stops the text ends before the first of them that appears
 * @param schema what the text has to fit; null is anything
 * @param topLogprobs how many of the most probable tokens the listener hears of with each token; may be 0
 */
public record Writing(
        double temperature, double topP, long seed, List<String> stops, JsonSchema schema, int topLogprobs) {
    public Writing {
        if (!(temperature >= 0 && temperature <= 5)) {
            throw new UserException("temperature is " + temperature + "; give a number between 0 (greedy) and 5");
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new UserException("top_p is " + topP + "; give a number above 0 and at most 1");
        }
        stops = List.copyOf(stops);
    }

    /** Any text, sampled so. */
    static Writing of(double temperature, long seed) {
        return new Writing(temperature, 1, seed, List.of(), null, 0);
    }

    /** The request with its tokens chosen, its text bounded and told of so. */
    GenerationRequest apply(GenerationRequest request) {
        return apply(request, 0, 1);
    }

    /**
     * The same for one of several pieces of a text.
     *
     * @param round how many were written before: each is sampled by a seed of its own
     * @param penalty on the logits of tokens that occurred, those of the prompt included; 1 is none
     */
    GenerationRequest apply(GenerationRequest request, int round, float penalty) {
        Sampling sampling = temperature == 0
                ? new Sampling(0, 0, 1, penalty, 0)
                : new Sampling((float) temperature, 0, (float) topP, penalty, seed + round);
        return request.with(sampling).withStops(stops, Set.of()).with(schema).withTopLogprobs(topLogprobs);
    }
}
