package dev.prag.augmentation;

import dev.prag.base.Hashes;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a language model made of a passage: the passage in other words, and questions with their answers.
 *
 * @param pairs those that people gave first, then those that were made in the order of asking,
 *     then clozes, then paraphrases in the order of what they paraphrase
 * @param notes what was asked for and couldn't be had, in sentences for people
 */
@RegisterForReflection
public record Augmentation(List<String> rewrites, List<Pair> pairs, List<String> notes) {
    public Augmentation {
        rewrites = List.copyOf(rewrites);
        pairs = List.copyOf(pairs);
        notes = List.copyOf(notes);
    }

    /** With pairs that people gave before its own; of its own those aren't in it that repeat a question of theirs. */
    public Augmentation with(List<Pair> given) {
        if (given.isEmpty()) {
            return this;
        }
        List<Pair> all = new ArrayList<>(given);
        Set<String> asked = new HashSet<>();
        given.forEach(pair -> asked.add(PairParser.normalised(pair.question())));
        Set<String> left = new HashSet<>();
        for (Pair pair : pairs) {
            boolean repeats = asked.contains(PairParser.normalised(pair.question()));
            if (repeats || left.contains(pair.paraphraseOf())) {
                left.add(pair.question());
            } else {
                all.add(pair);
            }
        }
        return new Augmentation(rewrites, all, notes);
    }

    /** What it asks of the passage, without sentences that only have a gap. */
    public List<String> questions() {
        return pairs.stream()
                .filter(pair -> !Clozes.KIND.equals(pair.kind()))
                .map(Pair::question)
                .toList();
    }

    /** SHA-256 of rewrites and pairs in their order, in hexadecimal; notes don't count. */
    public String hash() {
        Hashes.Builder hash = Hashes.builder();
        hash.add(rewrites.size());
        rewrites.forEach(hash::add);
        for (Pair pair : pairs) {
            hash.add(pair.question()).add(pair.answer()).add(pair.fullAnswer());
            if (pair.paraphraseOf() != null) {
                hash.add("paraphrase of").add(pair.paraphraseOf());
            }
        }
        return hash.hex();
    }
}
