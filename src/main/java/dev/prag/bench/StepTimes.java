package dev.prag.bench;

import dev.prag.generation.GenerationResult;
import dev.prag.generation.TokenListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** When the tokens of one request came. */
final class StepTimes implements TokenListener {
    private final List<Long> nanos = new ArrayList<>();

    @Override
    public void onToken(int id, String text, float logprob) {
        nanos.add(System.nanoTime());
    }

    @Override
    public void onRest(String text) {}

    @Override
    public void onDone(GenerationResult result) {}

    @Override
    public void onError(RuntimeException error) {}

    /** In seconds, of a request of three tokens or more. */
    double medianStep() {
        double[] steps = new double[nanos.size() - 2];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = (nanos.get(i + 2) - nanos.get(i + 1)) / 1e9;
        }
        Arrays.sort(steps);
        return steps[steps.length / 2];
    }
}
