package dev.prag.evaluation.dataset;

import java.util.List;

/**
 * A question as a data set publishes it.
 *
 * @param id the set's own
 * @param answer the first of those that count as right
 * @param answerId by which other names of the answer are found elsewhere; null where the set has none
 * @param aliases other answers that count as right
 * @param type the set's own kind of question
 * @param gold titles of the paragraphs that hold the answer; empty where the set doesn't say
 * @param context paragraphs that come with it; empty where the set brings none
 */
record PublishedQuestion(
        String id,
        String question,
        String answer,
        String answerId,
        List<String> aliases,
        String type,
        List<String> gold,
        List<Paragraph> context) {
    /** A paragraph with the title of what it is from. */
    record Paragraph(String title, String text) {}

    PublishedQuestion withAliases(List<String> others) {
        return new PublishedQuestion(id, question, answer, answerId, others, type, gold, context);
    }
}
