/**
 * Answers questions. A method is a pair of a {@link dev.prag.answering.Strategy}, when to retrieve, and an
 * {@link dev.prag.answering.Injection}, through what passages reach the model. Both put the steps of a session in their
 * order; the session knows how each is done. All share prompts, retrieval and generation, so that methods differ in
 * nothing else.
 */
package dev.prag.answering;
