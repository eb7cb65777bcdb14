package dev.prag.rest;

import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.Pair;
import dev.prag.corpus.AdapterMeasure;
import dev.prag.corpus.EncodingState;
import dev.prag.corpus.PassageDetails;
import dev.prag.parameterization.PassageInspection.Inspected;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A passage, and where it stands under the server's model and recipe.
 *
 * @param document id of its document
 * @param title of its document; may be null
 * @param metadata of its document
 * @param position in its document, from 0
 * @param headings the titles of the sections it is in, joined by {@code " > "}; empty if none
 * @param page of its document that it begins on, from 1; null where there are no pages
 * @param adapter null unless READY
 * @param augmentation what it is trained on beside its text; null where there is nothing yet
 */
@RegisterForReflection
public record PassageReply(
        String id,
        String document,
        String title,
        Map<String, Object> metadata,
        int position,
        String headings,
        String text,
        Integer page,
        EncodingState state,
        ItsAdapter adapter,
        String note,
        String error,
        Made augmentation) {
    /**
     * Its adapter.
     *
     * @param measure what it is worth; null where that wasn't measured
     */
    @RegisterForReflection
    public record ItsAdapter(String id, long bytes, int rank, Instant createdAt, Measured measure) {}

    /**
     * What an adapter is worth: mean losses over the tokens of the passage's answers, in nats.
     *
     * @param own with it
     * @param other with another passage's adapter; null where there was none
     * @param none without any
     * @param neutral by how much it lowers the log-probability of a neutral text, in nats a token
     * @param trainings how often it was trained
     * @param strength what its update was multiplied by afterwards, to do less to unrelated text
     */
    @RegisterForReflection
    public record Measured(double own, Double other, double none, double neutral, int trainings, double strength) {
        private static Measured of(AdapterMeasure measure) {
            return measure == null
                    ? null
                    : new Measured(
                            measure.own(),
                            measure.other(),
                            measure.none(),
                            measure.neutral(),
                            measure.trainings(),
                            measure.strength());
        }
    }

    /** Rewrites, and questions with their answers. */
    @RegisterForReflection
    public record Made(List<String> rewrites, List<QuestionAndAnswer> pairs) {}

    /**
     * A question with its answer.
     *
     * @param fullAnswer as a sentence; may be null
     * @param origin {@code given} by people, {@code model}, {@code cloze} or {@code paraphrase}
     */
    @RegisterForReflection
    public record QuestionAndAnswer(String question, String answer, String fullAnswer, String origin) {}

    static PassageReply of(Inspected inspected, int rank) {
        PassageDetails passage = inspected.passage();
        PassageDetails.ItsAdapter adapter = passage.adapter();
        return new PassageReply(
                passage.id(),
                passage.document(),
                passage.title(),
                passage.metadata(),
                passage.position(),
                passage.headings(),
                passage.text(),
                passage.page(),
                passage.state(),
                adapter == null
                        ? null
                        : new ItsAdapter(
                                adapter.id(),
                                adapter.bytes(),
                                rank,
                                adapter.createdAt(),
                                Measured.of(adapter.measure())),
                passage.note(),
                passage.error(),
                inspected
                        .augmentation()
                        .map(made -> made(made, passage.given().size()))
                        .orElse(null));
    }

    /** @param given how many of the pairs people gave: the first ones */
    private static Made made(Augmentation augmentation, int given) {
        List<Pair> pairs = augmentation.pairs();
        return new Made(
                augmentation.rewrites(),
                IntStream.range(0, pairs.size())
                        .mapToObj(i -> new QuestionAndAnswer(
                                pairs.get(i).question(),
                                pairs.get(i).answer(),
                                pairs.get(i).fullAnswer(),
                                i < given ? "given" : origin(pairs.get(i))))
                        .toList());
    }

    private static String origin(Pair pair) {
        if (pair.paraphraseOf() != null) {
            return "paraphrase";
        }
        return "cloze".equals(pair.kind()) ? "cloze" : "model";
    }
}
