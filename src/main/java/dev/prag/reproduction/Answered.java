package dev.prag.reproduction;

/**
 * One question and what its answer is worth.
 *
 * @param type of the question; a data set without types has one
 * @param em exact match, 0 or 1
 * @param f1 0 to 1, as {@code precision} and {@code recall}
 * @param present whether an accepted answer stands in the answer
 * @param found which share of what was to be found was retrieved; null where nothing was retrieved
 * @param rounds retrievals
 * @param promptTokens that were read
 * @param tokens that were written
 * @param logprob mean log-probability of the tokens; null where none is known
 * @param retrieve seconds; NaN where they aren't known, as of the next two
 * @param compose seconds of fetching and composing adapters
 * @param generate seconds of reading the prompt and writing
 * @param total seconds of all of it
 */
public record Answered(
        String question,
        String type,
        double em,
        double f1,
        double precision,
        double recall,
        boolean present,
        Double found,
        int rounds,
        int promptTokens,
        int tokens,
        Double logprob,
        double retrieve,
        double compose,
        double generate,
        double total) {}
