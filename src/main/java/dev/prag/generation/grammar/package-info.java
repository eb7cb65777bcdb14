/**
 * Texts that keep to a JSON schema: which tokens may come next, as a set of bits.
 *
 * <p>A schema and a vocabulary become a {@code Grammar}: a pushdown automaton over bytes. A {@code Stack} holds what is
 * still to be written, its top a {@code Leaf} that reads bytes (a fixed text, a number, a string), below it leaves and
 * {@code Rule}s that are replaced by one of their alternatives when their turn comes. A {@code Configuration} is the set
 * of stacks that a text so far may have led to; it is complete if one of them is empty.
 *
 * <p>The tokens of a vocabulary are a tree by their bytes ({@code TokenTrie}), and those that a configuration takes are
 * found by walking it. Most of that doesn't depend on what lies below the top leaf, so it is done once for each leaf and
 * kept ({@code LeafMask}; Dong et al., XGrammar, 2024): tokens that stay within the leaf, and those that go beyond its end,
 * with the bytes that do. Only the latter are tried against the rest of the stack.
 *
 * <p>Each stack knows how many tokens are enough to finish it, so that a text is led to its end before its limit ({@link
 * dev.prag.generation.grammar.Matcher}).
 */
package dev.prag.generation.grammar;
