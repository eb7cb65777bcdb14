package dev.prag.reproduction.table;

import dev.prag.evaluation.Calibration;
import dev.prag.reproduction.Answered;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** What a grid is of. */
enum Metric {
    F1("F1", 4, Best.HIGH, mean(Answered::f1)),
    EM("exact match", 4, Best.HIGH, mean(Answered::em)),
    PRECISION("precision", 4, Best.HIGH, mean(Answered::precision)),
    RECALL("recall", 4, Best.HIGH, mean(Answered::recall)),
    PRESENT("answer presence", 4, Best.HIGH, mean(answer -> answer.present() ? 1 : 0)),
    FOUND("retrieval recall", 4, Best.HIGH, mean(answer -> answer.found() == null ? Double.NaN : answer.found())),
    ROUNDS("retrievals a question", 2, Best.NONE, mean(Answered::rounds)),
    TOKENS("tokens written a question", 1, Best.NONE, mean(Answered::tokens)),
    PROMPT_TOKENS("tokens read a question", 1, Best.NONE, mean(Answered::promptTokens)),
    CALIBRATION("calibration error (ECE)", 4, Best.LOW, Metric::calibration);

    /** Which value is the best of a column. */
    enum Best {
        HIGH,
        LOW,
        NONE
    }

    private final String title;
    private final int decimals;
    private final Best best;
    private final Function<List<Answered>, OptionalDouble> value;

    Metric(String title, int decimals, Best best, Function<List<Answered>, OptionalDouble> value) {
        this.title = title;
        this.decimals = decimals;
        this.best = best;
        this.value = value;
    }

    String title() {
        return title;
    }

    int decimals() {
        return decimals;
    }

    Best best() {
        return best;
    }

    /** Its value over these answers; empty where none has one. */
    OptionalDouble of(List<Answered> answers) {
        return value.apply(answers);
    }

    /** Over the answers that have a value. */
    private static Function<List<Answered>, OptionalDouble> mean(ToDoubleFunction<Answered> value) {
        return answers -> answers.stream()
                .mapToDouble(value)
                .filter(each -> !Double.isNaN(each))
                .average();
    }

    private static OptionalDouble calibration(List<Answered> answers) {
        List<Calibration.Sure> sure = answers.stream()
                .filter(answer -> answer.logprob() != null)
                .map(answer -> Calibration.Sure.of(answer.logprob(), answer.em()))
                .toList();
        return sure.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Calibration.error(sure));
    }
}
