package dev.prag.evaluation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.answering.Retrieved;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** What retrieval finds for the questions themselves, whatever a method makes of it. */
final class RetrievalTally {
    private final int topK;
    private int asked;
    private int any;
    private int all;
    private double recall;
    private int withoutGold;
    private int answered;

    RetrievalTally(int topK) {
        this.topK = topK;
    }

    /** Counts the passages that were found for a question. */
    void add(Question question, List<Retrieved> found) {
        Set<String> titles =
                found.stream().map(Retrieved::title).filter(Objects::nonNull).collect(Collectors.toSet());
        add(
                !question.gold().isEmpty(),
                Outcome.recall(
                        question, titles, found.stream().map(Retrieved::text).toList()));
    }

    /**
     * Counts a question.
     *
     * @param gold whether it names the documents to be found
     * @param share as {@link Outcome#recall} has it
     */
    void add(boolean gold, double share) {
        if (gold) {
            asked++;
            any += share > 0 ? 1 : 0;
            all += share == 1 ? 1 : 0;
            recall += share;
        } else {
            withoutGold++;
            answered += share > 0 ? 1 : 0;
        }
    }

    void addTo(ObjectNode node) {
        node.put("n", asked);
        node.put("top_k", topK);
        node.put("hit_rate", share(any, asked));
        node.put("all_gold_rate", share(all, asked));
        node.put("recall", share(recall, asked));
        if (withoutGold > 0) {
            node.put("without_gold_n", withoutGold);
            node.put("answer_rate", share(answered, withoutGold));
        }
    }

    /** For people. */
    @Override
    public String toString() {
        StringBuilder said = new StringBuilder();
        if (asked > 0) {
            said.append(String.format(
                    Locale.ROOT,
                    "retrieval: top %d holds a gold document for %.1f%% of %d questions, all of them for %.1f%%; recall"
                            + " %.1f%%%n",
                    topK,
                    100 * share(any, asked),
                    asked,
                    100 * share(all, asked),
                    100 * share(recall, asked)));
        }
        if (withoutGold > 0) {
            said.append(String.format(
                    Locale.ROOT,
                    "retrieval: top %d holds an accepted answer for %.1f%% of %d questions that name no gold document%n",
                    topK,
                    100 * share(answered, withoutGold),
                    withoutGold));
        }
        return said.toString();
    }

    private static double share(double some, int all) {
        return all == 0 ? 0 : some / all;
    }
}
