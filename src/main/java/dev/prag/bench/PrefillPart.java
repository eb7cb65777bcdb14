package dev.prag.bench;

import dev.prag.generation.EngineSettings;
import dev.prag.generation.GenerationEngine;
import dev.prag.generation.GenerationRequest;
import java.util.ArrayList;
import java.util.List;

/** Prompts through the engine: from the request to its first token. */
final class PrefillPart {
    private static final String PART = "prefill";
    private static final int[] LENGTHS = {64, 512, 2048};

    private PrefillPart() {}

    static List<Figure> run(Subject subject, Ceilings ceilings, int runs) throws Exception {
        List<Figure> figures = new ArrayList<>();
        int context = subject.decoder().context();
        try (GenerationEngine engine =
                new GenerationEngine(subject.decoder(), EngineSettings.of(Math.min(context, 2064), 1))) {
            for (int length : LENGTHS) {
                if (length >= context) {
                    continue;
                }
                int[] seed = {1};
                // Other ids every time: nothing of an earlier prompt is of use.
                Spread seconds = Spread.seconds(
                        1,
                        runs,
                        () -> engine.generate(GenerationRequest.greedy(subject.ids(length, seed[0]++), 1)
                                .ignoringEos()));
                int rows = Math.min(length, engine.settings().prefillRows());
                double best = ceilings.layersForward(subject, rows) * length / rows;
                figures.add(Figure.of(PART, length + " tokens", "tok/s", seconds.per(length))
                        .compared(best / seconds.median(), "products alone"));
            }
        }
        return figures;
    }
}
