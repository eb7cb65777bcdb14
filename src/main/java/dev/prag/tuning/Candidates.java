package dev.prag.tuning;

import dev.prag.lora.Scope;
import dev.prag.parameterization.LossSettings;
import dev.prag.parameterization.SampleForm;
import dev.prag.parameterization.TrainingSettings;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The ways of training that are tried. They differ in what mattered most with real models: over which part of a sample
 * the adapter is in force, how strongly is trained (learning rate and epochs), which samples hold the passage, and what
 * keeps the model as it is elsewhere.
 */
final class Candidates {
    private static final float SOME = 0.3f;
    /** Of the tokens, the most that neutral texts are: more cost time, and weigh no more. */
    private static final float SHARE = 0.25f;
    /** The same where few tokens of a sample are computed, and of a neutral text a piece as long as an answer. */
    private static final float ANSWER_SHARE = 0.6f;

    private Candidates() {}

    /** In the order in which they are tried; the first is the recipe's own. */
    static List<Candidate> of(TrainingSettings base) {
        List<Candidate> candidates = new ArrayList<>();
        candidates.add(new Candidate("as the recipe says", base));
        TrainingSettings answer = base.within(Scope.ANSWER);
        TrainingSettings whole = base.within(Scope.PROMPT);
        // First those that compute few tokens: a short budget comes to more of them.
        add(candidates, answer, 5e-4f, 5, SampleForm.AMONG_OTHERS, loss(1, 1, 1, ANSWER_SHARE));
        add(candidates, answer, 1e-3f, 4, SampleForm.NONE, loss(1, 1, 1, ANSWER_SHARE));
        add(candidates, answer, 5e-4f, 8, SampleForm.NONE, loss(1, 1, 1, ANSWER_SHARE));
        add(candidates, whole, 1e-3f, 4, SampleForm.NONE, loss(1, 1, SOME, SHARE));
        add(candidates, whole, 1e-3f, 4, SampleForm.NONE, loss(1, 0, SOME, SHARE));
        add(candidates, whole, 3e-4f, 4, SampleForm.NONE, loss(1, 1, SOME, SHARE));
        add(candidates, whole, 1e-3f, 4, SampleForm.HALF, loss(1, 0, 1, SHARE));
        add(candidates, whole, 2e-3f, 4, SampleForm.NONE, loss(1, 0, 1, SHARE));
        add(candidates, whole, 5e-4f, 8, SampleForm.NONE, loss(1, 1, 1, SHARE));
        // The recipe's own may be one of these.
        Map<TrainingSettings, Candidate> different = new LinkedHashMap<>();
        candidates.forEach(candidate -> different.putIfAbsent(candidate.training(), candidate));
        return List.copyOf(different.values());
    }

    private static LossSettings loss(float answers, float distillation, float neutral, float share) {
        return new LossSettings(answers, distillation, neutral, null, share, null);
    }

    private static void add(
            List<Candidate> to, TrainingSettings base, float rate, int epochs, SampleForm form, LossSettings loss) {
        String name = String.format(
                Locale.ROOT,
                "rate %s, epochs %d, samples %s%s%s%s",
                new BigDecimal(Float.toString(rate)).stripTrailingZeros().toPlainString(),
                epochs,
                form,
                base.scope() == Scope.ANSWER ? ", in the answer" : "",
                loss.distillation() > 0 ? ", distilled" : "",
                loss.neutral() > 0 ? ", neutral " + loss.neutral() : "");
        to.add(new Candidate(name, base.with(rate, epochs, form, loss)));
    }
}
