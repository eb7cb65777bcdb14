package dev.prag.cli.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.generation.Scorer;
import dev.prag.llm.ComputeType;
import dev.prag.llm.LanguageModel;
import dev.prag.llm.ModelFolder;
import dev.prag.lora.Composition;
import dev.prag.tensor.DType;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code prag model score}. */
@Command(
        name = "score",
        mixinStandardHelpOptions = true,
        description = {
            "Tell how probable a text is, token by token.",
            "",
            "Lines: {\"ids\":[…]} or {\"text\":…} or {\"messages\":[…]}; answers: {\"ids\":[…],\"logprobs\":[…]}."
                    + " Entry i is the natural log-probability of ids[i+1] after ids[0..i]. \"top\": k adds the k best"
                    + " next tokens at each position, as \"top\":[[[id,logprob],…],…]. \"control_tokens\": true: special tokens"
                    + " written in text or messages are no text.",
            "",
            "The perplexity over all lines goes to standard error at the end. With --weights int8 the lines are scored"
                    + " with bf16 weights, too: answers have their log-probabilities as \"bf16_logprobs\", and their"
                    + " perplexity stands beside the other, with the mean and the largest difference of a token's"
                    + " log-probability.",
            ""
        })
final class ScoreCommand extends LineCommand {
    @Override
    Tool open(ModelFolder folder, List<AdapterOptions.Weighted> adapters) {
        OpenModel open = OpenModel.open(folder, options, adapters);
        DType type = options.dtype();
        Scoring scoring = new Scoring(open.model());
        LanguageModel reference = type == DType.I8 ? open.withProductsOf(DType.BF16) : null;
        Scoring beside = reference == null ? null : new Scoring(reference);
        Differences differences = new Differences();
        Prompts prompts = prompts(open.model());
        return new Tool() {
            @Override
            public ObjectNode answer(InputLine line) {
                int[] ids = prompts.read(line, false).ids();
                int top = line.integer("top").orElse(0);
                Scorer.Scores scores = scoring.score(ids, open.composition(), top);
                ObjectNode answer = JSON.createObjectNode();
                answer.set("ids", array(ids));
                answer.set("logprobs", array(scores.logprobs()));
                if (beside != null) {
                    float[] others = beside.score(ids, open.composition(), 0).logprobs();
                    differences.add(scores.logprobs(), others);
                    answer.set("bf16_logprobs", array(others));
                }
                if (top > 0) {
                    ArrayNode positions = answer.putArray("top");
                    scores.top().forEach(best -> add(positions.addArray(), best));
                }
                return answer;
            }

            @Override
            public Optional<String> summary() {
                Perplexity perplexity = scoring.perplexity;
                if (perplexity.tokens() == 0) {
                    return Optional.empty();
                }
                String line = String.format(
                        Locale.ROOT,
                        "perplexity %.4g over %,d tokens, %s weights",
                        perplexity.value(),
                        perplexity.tokens(),
                        ComputeType.name(type));
                return Optional.of(beside == null ? line : line + against(perplexity, beside.perplexity, differences));
            }

            @Override
            public void close() {
                if (beside != null) {
                    beside.close();
                    reference.close();
                }
                scoring.close();
                open.close();
            }
        };
    }

    private static String against(Perplexity perplexity, Perplexity reference, Differences differences) {
        double relative = perplexity.value() / reference.value() - 1;
        return String.format(
                Locale.ROOT,
                "; %.4g with bf16 weights, difference %+.2f%%; a token's log-probability differs by %.4f on average, %.3f"
                        + " at most",
                reference.value(),
                100 * relative,
                differences.mean(),
                differences.largest());
    }

    private static void add(ArrayNode position, Scorer.Top best) {
        for (int i = 0; i < best.ids().length; i++) {
            position.addArray().add(best.ids()[i]).add(best.logprobs()[i]);
        }
    }

    /** Scores texts with one model and keeps count. */
    private static final class Scoring implements AutoCloseable {
        private final Scorer scorer;
        private final Perplexity perplexity = new Perplexity();

        Scoring(LanguageModel model) {
            scorer = new Scorer(model.decoder());
        }

        Scorer.Scores score(int[] ids, Composition composition, int top) {
            Scorer.Scores scores = scorer.score(ids, composition, top);
            perplexity.add(scores.logprobs());
            return scores;
        }

        @Override
        public void close() {
            scorer.close();
        }
    }
}
