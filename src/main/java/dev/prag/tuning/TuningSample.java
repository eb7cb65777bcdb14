package dev.prag.tuning;

import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.Pair;
import dev.prag.corpus.PassageText;
import java.util.ArrayList;
import java.util.List;

/**
 * Passages of the corpus, what is learned of each, and what is asked.
 *
 * @param passages in the order in which they were drawn
 * @param learned of each passage
 * @param questions held back, in the order of the passages
 */
record TuningSample(List<PassageText> passages, List<Augmentation> learned, List<HeldOut> questions) {
    TuningSample {
        passages = List.copyOf(passages);
        learned = List.copyOf(learned);
        questions = List.copyOf(questions);
    }

    /** Holds questions back of augmented passages. */
    static TuningSample of(List<PassageText> passages, List<Augmentation> augmentations) {
        List<Augmentation> learned = new ArrayList<>();
        List<HeldOut> questions = new ArrayList<>();
        for (int i = 0; i < passages.size(); i++) {
            HoldBack split = HoldBack.of(augmentations.get(i));
            learned.add(split.learned());
            for (Pair pair : split.unseen()) {
                questions.add(new HeldOut(i, pair.question(), pair.answer(), HeldOut.Kind.UNSEEN));
            }
            for (Pair pair : split.paraphrases()) {
                questions.add(new HeldOut(i, pair.question(), pair.answer(), HeldOut.Kind.PARAPHRASE));
            }
        }
        return new TuningSample(passages, learned, questions);
    }

    /** The first passages of it, and at most so many of their questions, spread evenly. */
    TuningSample first(int count, int mostQuestions) {
        List<HeldOut> theirs = questions.stream()
                .filter(question -> question.passage() < count)
                .toList();
        List<HeldOut> asked = new ArrayList<>();
        int most = Math.min(mostQuestions, theirs.size());
        for (int i = 0; i < most; i++) {
            asked.add(theirs.get((int) ((long) i * theirs.size() / most)));
        }
        return new TuningSample(passages.subList(0, count), learned.subList(0, count), asked);
    }
}
