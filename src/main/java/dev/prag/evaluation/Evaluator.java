package dev.prag.evaluation;

import dev.prag.answering.Answer;
import dev.prag.answering.AnswerRequest;
import dev.prag.answering.AnswerService;
import dev.prag.answering.Retrieved;
import dev.prag.base.UserException;
import dev.prag.parameterization.Composing;
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
     * @param composing how adapters are composed; what is open is as the recipe says
     * @param filter as {@link AnswerRequest#filter}; null for none
     */
    public record Choices(Composing composing, Map<String, Object> filter) {
        /** As the recipe says, of all documents. */
        public static final Choices DEFAULT = new Choices(Composing.OPEN, null);
    }

    /** Told of every answer as it comes. */
    @FunctionalInterface
    public interface Progress {
        void answered(Row row, Question question, Answer answer, Score score);
    }

    /**
     * Finds mistakes before anything is asked.
     *
     * @throws UserException if a method is unknown, a row there twice, or a choice can't be
     */
    public void check(List<Row> rows, Choices choices) {
        Set<String> names = new HashSet<>();
        for (Row row : rows) {
            if (!names.add(row.name())) {
                throw new UserException(row.name() + " is named twice; name each row once");
            }
            answers.requireMethod(row.method());
        }
        request("?", rows.getFirst(), choices);
    }

    private Answer answer(Question question, Row row, Choices choices) {
        try {
            return answers.answer(request(question.question(), row, choices));
        } catch (UserException e) {
            String text = question.question();
            String named = text.length() <= MOST_NAMED ? text : text.substring(0, MOST_NAMED) + "…";
            throw new UserException(e.kind(), "question \"" + named + "\": " + e.getMessage(), e);
        }
    }

    private static AnswerRequest request(String question, Row row, Choices choices) {
        return AnswerRequest.of(question, row.method(), row.composing().over(choices.composing()), choices.filter());
    }

    /**
     * Asks every question once for each row. The answers come one after another, so that the seconds are those of a lone
     * question; those to one question follow each other, so that rows whose prompts are computed alike share them.
     */
    public Report evaluate(List<Question> questions, List<Row> rows, Choices choices, Progress progress) {
        check(rows, choices);
        int k = choices.composing().topK() == null
                ? answers.defaultTopK()
                : choices.composing().topK();
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
            for (Row row : rows) {
                Answer answer = answer(question, row, choices);
                Score score = Score.best(answer.answer(), question.answers());
                report.add(row.name(), question.type(), score, answer.timings().total() / 1000);
                report.addPassages(row.name(), answer.passages());
                progress.answered(row, question, answer, score);
            }
        }
        return report;
    }
}
