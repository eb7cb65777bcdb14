/**
 * Answers questions. A method ({@link dev.prag.answering.AnswerMethod}) puts the steps of a session in its order; the
 * session knows how each is done. All methods share prompts, retrieval and generation, so that what differs between
 * them is the method alone.
 */
package dev.prag.answering;
