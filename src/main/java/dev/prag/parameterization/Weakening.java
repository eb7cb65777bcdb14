package dev.prag.parameterization;

import dev.prag.lora.Adapter;
import java.util.List;
import java.util.function.Function;

/**
 * Looks for the largest strength at which an adapter harms a neutral text no more than it may. Adapters harm less the
 * weaker they are: what is tried after the whole strength halves the strengths that are left.
 */
final class Weakening {
    /**
     * An adapter as it stays.
     *
     * @param strength what its update was multiplied by; 1 also where no strength is within the bound
     * @param harm by how much it lowers the text's log-probability then, in nats a token
     */
    record Weakened(Adapter adapter, float strength, double harm) {}

    private final Adapter whole;
    private final List<Float> strengths;
    private final double most;

    /** Of the strengths that are still in question the first, and that behind the last. */
    private int from;

    private int to;

    /** That is tried now. */
    private int at;

    private Adapter tried;
    private Weakened best;

    private Weakening(Adapter whole, List<Float> strengths, double most) {
        this.whole = whole;
        this.strengths = strengths;
        this.most = most;
        to = strengths.size();
    }

    /**
     * Weakens each adapter as little as it has to be.
     *
     * @param strengths descending from 1
     * @param most the harm that is allowed
     * @param harm measures adapters side by side, in nats a token
     * @return in their order
     */
    static List<Weakened> of(
            List<Adapter> adapters, List<Float> strengths, double most, Function<List<Adapter>, double[]> harm) {
        List<Weakening> all = adapters.stream()
                .map(adapter -> new Weakening(adapter, strengths, most))
                .toList();
        List<Weakening> open = all;
        while (!open.isEmpty()) {
            double[] harms = harm.apply(open.stream().map(Weakening::next).toList());
            for (int i = 0; i < harms.length; i++) {
                open.get(i).take(harms[i]);
            }
            open = open.stream().filter(search -> search.from < search.to).toList();
        }
        return all.stream().map(search -> search.best).toList();
    }

    private Adapter next() {
        at = best == null ? 0 : (from + to) / 2;
        tried = at == 0 ? whole : whole.weakened(strengths.get(at));
        return tried;
    }

    /** Takes the harm of that which was tried; what isn't a number is beyond the bound. */
    private void take(double harm) {
        boolean within = harm <= most;
        if (best == null || within) {
            best = new Weakened(tried, strengths.get(at), harm);
        }
        if (within) {
            to = at;
        } else {
            from = at + 1;
        }
    }
}
