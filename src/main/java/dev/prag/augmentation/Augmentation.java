package dev.prag.augmentation;

import dev.prag.base.Hashes;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * What a language model made of a passage: the passage in other words, and questions with their answers.
 *
 * @param pairs those that people gave first, then those that were made, then paraphrases of these in the same order
 * @param notes what was asked for and couldn't be had, in sentences for people
 */
@RegisterForReflection
public record Augmentation(List<String> rewrites, List<Pair> pairs, List<String> notes) {
    public Augmentation {
        rewrites = List.copyOf(rewrites);
        pairs = List.copyOf(pairs);
        notes = List.copyOf(notes);
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
