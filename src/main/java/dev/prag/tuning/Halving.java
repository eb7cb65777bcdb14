package dev.prag.tuning;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Successive halving (Jamieson and Talwalkar, 2016): all candidates are tried on few passages, the better ones on more, and
 * so on. Where time runs out, the candidates that were tried on the most passages are compared.
 *
 * @param rungs numbers of passages, rising
 * @param kept share of the candidates that goes on to the next rung; at least two do while there are two
 */
record Halving(List<Integer> rungs, double kept) {
    /** Tries a candidate on so many passages; the higher the score, the better. */
    @FunctionalInterface
    interface Trial {
        double score(Candidate candidate, int passages);
    }

    /**
     * A candidate with what it came to.
     *
     * @param passages on how many it was tried last
     */
    record Ranked(Candidate candidate, int passages, double score) {}

    /**
     * The best candidate.
     *
     * @param leading told each that is the best so far, right after its trial
     * @param more whether there is time for another trial; one is made in any case
     */
    Ranked best(List<Candidate> candidates, Trial trial, Consumer<Ranked> leading, BooleanSupplier more) {
        List<Candidate> alive = candidates;
        Ranked best = null;
        for (int passages : rungs) {
            List<Ranked> tried = new ArrayList<>();
            for (Candidate candidate : alive) {
                if (best != null && !more.getAsBoolean()) {
                    break;
                }
                Ranked last = new Ranked(candidate, passages, trial.score(candidate, passages));
                tried.add(last);
                // On more passages fewer are enough: the best of a lower rung comes first there.
                if (best == null || best.passages() < passages || last.score() > best.score()) {
                    best = last;
                    leading.accept(best);
                }
            }
            if (tried.size() < alive.size()) {
                return best;
            }
            tried.sort(Comparator.comparingDouble(Ranked::score).reversed());
            int going = Math.max(Math.min(2, tried.size()), (int) Math.ceil(tried.size() * kept));
            alive = tried.stream().limit(going).map(Ranked::candidate).toList();
        }
        return best;
    }
}
