/**
 * Finds how a model and a corpus are best encoded and composed. A {@link dev.prag.tuning.TuningSample} of the corpus is
 * augmented, and of each passage some questions are held back; {@link dev.prag.tuning.Tuner} trains adapters of the sample
 * by one {@link dev.prag.tuning.Candidate} after the other, more passages for those that did well (successive halving,
 * Jamieson and Talwalkar, 2016), asks the held-out questions under retrieval, and then chooses the composition of each
 * method. What was measured is kept in a {@link dev.prag.tuning.TuningJournal}, and the adapters of the candidate that leads
 * beside it, so that a run that was interrupted goes on; {@link dev.prag.tuning.TuningFiles} deletes both with a document of
 * the sample.
 */
package dev.prag.tuning;
