package dev.prag.cli;

import dev.prag.lora.Scope;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.WeightRule;
import picocli.CommandLine.Option;

/** How adapters are composed; what isn't given is left to the recipe. */
public final class ComposingOptions {
    @Option(names = "--top-k", paramLabel = "K", description = "Passages to retrieve. Default: the recipe's.")
    Integer topK;

    @Option(
            names = "--weighting",
            paramLabel = "RULE",
            description = "How adapters are weighted: sum, mean, score or best. Default: the recipe's.")
    String weighting;

    @Option(
            names = "--strength",
            paramLabel = "S",
            description = "A factor on all weights; 0 is plain RAG. Default: the recipe's.")
    Double strength;

    @Option(
            names = "--scope",
            paramLabel = "prompt|answer",
            description = "Where adapters are in force: prompt (everywhere) or answer (from the first token of the"
                    + " answer on). Default: the recipe's.")
    String scope;

    @Option(
            names = "--score-temperature",
            paramLabel = "T",
            description = "Of the rule score: the lower, the more the best passage prevails. Default: the recipe's.")
    Double scoreTemperature;

    @Option(
            names = "--cut-off",
            paramLabel = "SHARE",
            description = "Adapters whose weight is below this share of the largest get none. Default: the recipe's.")
    Double cutOff;

    /** @throws dev.prag.base.UserException naming what is wrong with them */
    Composing composing() {
        return new Composing(
                topK,
                weighting == null ? null : WeightRule.of(weighting),
                strength,
                scope == null ? null : Scope.of(scope),
                scoreTemperature,
                cutOff);
    }
}
