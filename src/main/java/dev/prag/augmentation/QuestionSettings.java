package dev.prag.augmentation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * How questions are made one by one, answers first (Lewis et al., PAQ, 2021), and checked by a round trip (Alberti et
 * al., 2019). What a recipe leaves out has its default.
 *
 * @param perPassage pairs that are wanted of a passage, paraphrases not counted
 * @param kinds of questions; facts get at least half of the places
 * @param temperatures a question that was no use is asked for again at the next of these; 0 is greedy
 * @param roundTrip whether the model has to answer a question alike with the passage before it
 * @param agreement token F1 from which two answers are alike; one that holds the other is, too
 * @param readings whether a question that is answered otherwise is kept with that answer, where it is words of the sentence
 *     that was asked about; null for not
 * @param skipKnown whether what the model answers alike without the passage is dropped
 * @param paraphrases how many other wordings of each question are asked for
 * @param clozes how many sentences with a word that asks in the place of an answer come beside them; no model is asked
 * @param fullAnswers whether the model writes each answer as a sentence; else it is the passage's sentence
 * @param maxTokens bound on the length of a question, and of an answer
 */
@RegisterForReflection
public record QuestionSettings(
        @JsonSetter(nulls = Nulls.SET) Integer perPassage,
        @JsonSetter(nulls = Nulls.SET) List<QuestionKind> kinds,
        @JsonSetter(nulls = Nulls.SET) List<Double> temperatures,
        @JsonSetter(nulls = Nulls.SET) Boolean roundTrip,
        @JsonSetter(nulls = Nulls.SET) Double agreement,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonSetter(nulls = Nulls.SET)
        Boolean readings,

        @JsonSetter(nulls = Nulls.SET) Boolean skipKnown,
        @JsonSetter(nulls = Nulls.SET) Integer paraphrases,
        @JsonSetter(nulls = Nulls.SET) Integer clozes,
        @JsonSetter(nulls = Nulls.SET) Boolean fullAnswers,
        @JsonSetter(nulls = Nulls.SET) Integer maxTokens) {
    public QuestionSettings {
        perPassage = perPassage == null ? 8 : perPassage;
        kinds = kinds == null ? List.of(QuestionKind.FACT) : List.copyOf(kinds);
        temperatures = temperatures == null ? List.of(0d, 0.7, 1d) : List.copyOf(temperatures);
        roundTrip = roundTrip == null || roundTrip;
        agreement = agreement == null ? 0.6 : agreement;
        // One spelling of what means the same, for the hash of a recipe.
        readings = readings != null && readings ? readings : null;
        skipKnown = skipKnown == null || skipKnown;
        paraphrases = paraphrases == null ? 0 : paraphrases;
        clozes = clozes == null ? 0 : clozes;
        fullAnswers = fullAnswers != null && fullAnswers;
        maxTokens = maxTokens == null ? 64 : maxTokens;
        AugmentationSettings.requireBetween("questions.perPassage", perPassage, 1, 1000);
        AugmentationSettings.requireSome("questions.kinds", kinds, "[\"fact\"]");
        AugmentationSettings.requireSome("questions.temperatures", temperatures, "[0, 0.7]");
        AugmentationSettings.requireTemperatures("questions.temperatures", temperatures);
        AugmentationSettings.requireShare("questions.agreement", agreement);
        AugmentationSettings.requireBetween("questions.paraphrases", paraphrases, 0, 20);
        AugmentationSettings.requireBetween("questions.clozes", clozes, 0, 1000);
        AugmentationSettings.requireBetween("questions.maxTokens", maxTokens, 1, 10_000);
    }

    /** All of it, for a hash; as it was before there was something to leave out, where that is left out. */
    String forHash() {
        return readings == null ? toString().replace(", readings=null", "") : toString();
    }
}
