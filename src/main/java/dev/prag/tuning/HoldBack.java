package dev.prag.tuning;

import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.Pair;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What of an augmentation is learned, and what is held back to ask: every third question with all its paraphrases, and
 * of each learned question the last paraphrase. One question is learned at least.
 *
 * @param learned the augmentation without what is held back
 * @param unseen pairs that ask for what nothing learned asks for
 * @param paraphrases pairs that ask for what is learned, in other words
 */
record HoldBack(Augmentation learned, List<Pair> unseen, List<Pair> paraphrases) {
    private static final int EVERY = 3;

    static HoldBack of(Augmentation augmentation) {
        List<Pair> own = augmentation.pairs().stream()
                .filter(pair -> pair.paraphraseOf() == null)
                .toList();
        List<Pair> unseen = new ArrayList<>();
        for (int i = EVERY - 1; i < own.size(); i += EVERY) {
            unseen.add(own.get(i));
        }
        Set<Pair> back = new HashSet<>(unseen);
        List<Pair> paraphrases = new ArrayList<>();
        for (Pair pair : own) {
            List<Pair> alike = augmentation.pairs().stream()
                    .filter(other -> pair.question().equals(other.paraphraseOf()))
                    .toList();
            if (back.contains(pair)) {
                back.addAll(alike);
            } else if (!alike.isEmpty()) {
                paraphrases.add(alike.getLast());
                back.add(alike.getLast());
            }
        }
        List<Pair> learned = augmentation.pairs().stream()
                .filter(pair -> !back.contains(pair))
                .toList();
        return new HoldBack(
                new Augmentation(augmentation.rewrites(), learned, augmentation.notes()), unseen, paraphrases);
    }
}
