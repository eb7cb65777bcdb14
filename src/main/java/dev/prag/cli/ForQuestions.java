package dev.prag.cli;

import dev.prag.answering.AnswerService;
import dev.prag.answering.Retrieved;
import dev.prag.base.UserException;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.TextSelection;
import dev.prag.evaluation.Question;
import dev.prag.retrieval.Filter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** Chooses the passages that the questions of a file retrieve, each once however many retrieve it. */
final class ForQuestions {
    @Option(
            names = "--for-questions",
            paramLabel = "FILE",
            description = "Only the passages that these questions retrieve, which are as prag evaluate reads them; all"
                    + " others stay pending.")
    Path file;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "With --for-questions: how many passages each retrieves. Default: as the recipe's.")
    Integer topK;

    @Option(names = "--limit", paramLabel = "N", description = "With --for-questions: only the first N of the file.")
    Integer limit;

    boolean isGiven() {
        return file != null;
    }

    void check() {
        if (file == null && (topK != null || limit != null)) {
            throw new UserException((topK != null ? "--top-k" : "--limit")
                    + " goes with --for-questions; name a file of questions, or leave it out");
        }
        if (topK != null && topK < 1) {
            throw new UserException("--top-k is " + topK + "; give at least 1");
        }
        if (file != null) {
            read();
        }
    }

    private List<Question> read() {
        return Question.read(file, limit == null ? Integer.MAX_VALUE : limit);
    }

    /** The texts of the passages, all where no questions are given; says how many they are. */
    TextSelection texts(AnswerService answers, EncodingQueue queue, PrintWriter err, String command) {
        if (file == null) {
            return TextSelection.ALL;
        }
        int k = topK == null ? answers.defaultTopK() : topK;
        List<Question> questions = read();
        Set<String> passages = new LinkedHashSet<>();
        for (Question question : questions) {
            answers.find(question.question(), k, Filter.NONE).stream()
                    .map(Retrieved::id)
                    .forEach(passages::add);
        }
        err.println(command + ": " + questions.size() + " questions retrieve " + passages.size()
                + " different passages of the corpus");
        err.flush();
        return queue.texts(passages);
    }
}
