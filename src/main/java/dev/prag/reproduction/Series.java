package dev.prag.reproduction;

import java.util.List;

/**
 * All answers of one row of a table to the questions of one data set, in the questions' order.
 *
 * @param model that answers, by a name for people
 * @param variant what tells rows of the same model and method apart: {@code random} or {@code warm}; the augmenter's name;
 *     {@code both}, {@code no-pairs}, {@code no-rewrites} or {@code neither}; empty where there is one only
 * @param method such as {@code parametric}
 * @param set {@code 2wiki}, {@code hotpotqa}, {@code popqa}, {@code cwq} or {@code demo}
 * @param sample which of the set's questions: {@code types}, the first ones of each type, or {@code total}, the first
 *     ones of the set
 */
public record Series(String model, String variant, String method, String set, String sample, List<Answered> answers) {
    public Series {
        answers = List.copyOf(answers);
    }
}
