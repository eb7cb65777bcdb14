package dev.prag.llm;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a model's other files say about its tokenizer.
 *
 * @param embeddings rows of the embedding
 * @param controls spellings of tokens that are control tokens whether or not tokenizer.json calls them special
 * @param controlIds ids of the same, such as those that end a text
 * @param prefix tokens put before a text in place of what tokenizer.json's post-processor puts there, if said
 * @param suffix the same for those behind it
 */
record TokenizerSettings(
        int embeddings,
        Set<String> controls,
        Set<Integer> controlIds,
        Optional<List<String>> prefix,
        Optional<List<String>> suffix) {
    /** Nothing but what tokenizer.json says. */
    static final TokenizerSettings NONE =
            new TokenizerSettings(Integer.MAX_VALUE, Set.of(), Set.of(), Optional.empty(), Optional.empty());
}
