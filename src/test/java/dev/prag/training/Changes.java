package dev.prag.training;

import dev.prag.llm.Differences;
import dev.prag.lora.Adapter;
import dev.prag.lora.Projection;
import java.util.Set;

/** How far two trained adapters are apart. */
final class Changes {
    static final Set<Projection> FEED_FORWARD = Set.of(Projection.GATE, Projection.UP, Projection.DOWN);

    private Changes() {}

    /** Norm of a - b, over that of b - start. */
    static double relativeError(Adapter a, Adapter b, Adapter start) {
        return distance(a, b) / distance(b, start);
    }

    /** Norm of a - b. */
    static double distance(Adapter a, Adapter b) {
        double sum = 0;
        for (Adapter.Target target : a.updates().keySet()) {
            Adapter.LowRank x = a.updates().get(target);
            Adapter.LowRank y = b.updates().get(target);
            sum += Math.pow(Differences.norm(Differences.minus(x.a(), y.a())), 2);
            sum += Math.pow(Differences.norm(Differences.minus(x.b(), y.b())), 2);
        }
        return Math.sqrt(sum);
    }
}
