package dev.prag.tuning;

import dev.prag.answering.Complexity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import opennlp.tools.ml.maxent.GISTrainer;
import opennlp.tools.ml.model.Event;
import opennlp.tools.ml.model.MaxentModel;
import opennlp.tools.util.ObjectStreamUtils;

/**
 * A maximum-entropy model over a question's words and pairs of words: how well labels are told by the wording alone is what
 * a classifier of questions is to be held against.
 */
final class WordsClassifier {
    private static final int ITERATIONS = 100;
    /** What occurs once counts. */
    private static final int CUT_OFF = 0;

    private final MaxentModel model;

    private WordsClassifier(MaxentModel model) {
        this.model = model;
    }

    /** @param labelled at least one */
    static WordsClassifier train(List<LabelledQuestion> labelled) {
        List<Event> events = labelled.stream()
                .map(one -> new Event(one.label().name(), features(one.question())))
                .toList();
        try {
            GISTrainer trainer = new GISTrainer();
            trainer.setGaussianSigma(1);
            return new WordsClassifier(
                    trainer.trainModel(ObjectStreamUtils.createObjectStream(events), ITERATIONS, CUT_OFF));
        } catch (IOException e) {
            throw new IllegalStateException("a list was read", e);
        }
    }

    private static String[] features(String question) {
        String[] words = question.toLowerCase(Locale.ROOT).split("\\W+");
        List<String> features = new ArrayList<>(List.of(words));
        for (int i = 1; i < words.length; i++) {
            features.add(words[i - 1] + " " + words[i]);
        }
        return features.toArray(String[]::new);
    }

    Complexity classify(String question) {
        return Complexity.valueOf(model.getBestOutcome(model.eval(features(question))));
    }
}
