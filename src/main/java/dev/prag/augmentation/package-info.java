/**
 * Augmentation of passages (Su et al., 2025, section 3.2.1): a language model rewrites each passage and makes
 * question/answer pairs of it. The prompts, which answering and training use too, are named sets.
 */
package dev.prag.augmentation;
