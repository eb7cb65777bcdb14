package dev.prag.evaluation;

import dev.prag.answering.Answer;
import dev.prag.answering.AnswerRequest;
import dev.prag.answering.AnswerService;
import dev.prag.answering.Retrieved;
import dev.prag.base.UserException;
import dev.prag.retrieval.Filter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Asks the questions of a data set with several methods and scores the answers. */
@Singleton
public final class Evaluator {
    /** Characters of a question that a message names. */
    private static final int MOST_NAMED = 80;

    private final AnswerService answers;

    @Inject
    Evaluator(AnswerService answers) {
        this.answers = answers;
    }

    /**
     * How all questions are asked.
     *
     * @param topK passages a question; null as the recipe says
     * @param weights name of a weight rule; null as the recipe says
     * @param filter as {@link AnswerRequest#filter}; null for none
     */
    public record Choices(Integer topK, String weights, Map<String, Object> filter) {
        /** As the recipe says, of all documents. */
        public static final Choices DEFAULT = new Choices(null, null, null);
    }

    /** Told of every answer as it comes. */
    @FunctionalInterface
    public interface Progress {
        void answered(String method, Question question, Answer answer, Score score);
    }

    /**
     * Finds mistakes before anything is asked.
     *
     * @throws UserException if a method is unknown or named twice, a number is out of its range, or there is no such rule
     */
    public void check(List<String> methods, Choices choices) {
        if (new HashSet<>(methods).size() < methods.size()) {
            throw new UserException("methods " + String.join(",", methods) + ": one is named twice; name each once");
        }
        methods.forEach(answers::requireMethod);
        request("?", methods.getFirst(), choices);
    }

    private Answer answer(Question question, String method, Choices choices) {
        try {
            return answers.answer(request(question.question(), method, choices));
        } catch (UserException e) {
            String text = question.question();
            String named = text.length() <= MOST_NAMED ? text : text.substring(0, MOST_NAMED) + "…";
            throw new UserException(e.kind(), "question \"" + named + "\": " + e.getMessage(), e);
        }
    }

    private static AnswerRequest request(String question, String method, Choices choices) {
        return new AnswerRequest(
                question, method, choices.topK(), choices.weights(), null, null, null, choices.filter());
    }

    /**
     * Asks every question once with each method, one after another, so that the seconds are those of a lone question.
     */
    public Report evaluate(List<Question> questions, List<String> methods, Choices choices, Progress progress) {
        check(methods, choices);
        int k = choices.topK() == null ? answers.defaultTopK() : choices.topK();
        Choices chosen = new Choices(k, choices.weights(), choices.filter());
        Filter filter = Filter.of(choices.filter());
        Report report = new Report(k);
        for (Question question : questions) {
            if (!question.gold().isEmpty()) {
                Set<String> titles = answers.find(question.question(), k, filter).stream()
                        .map(Retrieved::title)
                        .filter(Objects::nonNull)
                        .map(Score::composed)
                        .collect(Collectors.toSet());
                List<String> gold =
                        question.gold().stream().map(Score::composed).toList();
                report.addRetrieval(gold.stream().anyMatch(titles::contains), titles.containsAll(gold));
            }
        }
        for (String method : methods) {
            for (Question question : questions) {
                Answer answer = answer(question, method, chosen);
                Score score = Score.best(answer.answer(), question.answers());
                report.add(method, question.type(), score, answer.timings().total() / 1000);
                report.addPassages(method, answer.passages());
                progress.answered(method, question, answer, score);
            }
        }
        return report;
    }
}
