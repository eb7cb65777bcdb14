package dev.prag.augmentation;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which sentences of a passage are asked for: what isn't asked for isn't learned. */
final class Coverage {
    /** Share of the words of question and answer that a sentence has to hold. */
    private static final double ENOUGH = 0.4;

    private Coverage() {}

    /** How many of the sentences have a pair: each pair is given to the sentence that says most of it. */
    static int covered(List<String> sentences, List<Pair> pairs) {
        Set<String> covered = new HashSet<>();
        for (Pair pair : pairs) {
            String best = null;
            double most = ENOUGH;
            for (String sentence : sentences) {
                double held = held(pair, sentence);
                if (held >= most) {
                    most = held;
                    best = sentence;
                }
            }
            if (best != null) {
                covered.add(best);
            }
        }
        return covered.size();
    }

    /** The answer counts as much as the question. */
    private static double held(Pair pair, String sentence) {
        List<String> answer = AnswerText.bare(pair.answer());
        boolean whole = !answer.isEmpty() && AnswerText.isWithin(answer, AnswerText.bare(sentence));
        double ofAnswer = whole ? 1 : AnswerText.held(pair.answer(), sentence) * 0.9;
        return (ofAnswer + AnswerText.held(pair.question(), sentence)) / 2;
    }
}
