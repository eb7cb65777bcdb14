package dev.prag.evaluation;

import dev.prag.answering.Answer;
import dev.prag.answering.AnswerListener;
import dev.prag.answering.AnswerRequest;
import dev.prag.answering.AnswerService;
import dev.prag.answering.Composed;
import dev.prag.answering.Retrieved;
import dev.prag.base.UserException;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.retrieval.Filter;
import dev.prag.runtime.ModelRuntime;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Asks the questions of a data set with several methods and scores the answers. */
@Singleton
public final class Evaluator {
    /** Characters of a question that a message names. */
    private static final int MOST_NAMED = 80;

    private final AnswerService answers;
    private final ModelRuntime runtime;
    private final Recipes recipes;

    @Inject
    Evaluator(AnswerService answers, ModelRuntime runtime, Recipes recipes) {
        this.answers = answers;
        this.runtime = runtime;
        this.recipes = recipes;
    }

    /**
     * How all questions are asked.
     *
     * @param composing how adapters are composed; what is open is as the recipe says
     * @param filter as {@link AnswerRequest#filter}; null for none
     * @param probes how many questions of each row have their compositions measured; 0 for none
     */
    public record Choices(Composing composing, Map<String, Object> filter, int probes) {
        /** As the recipe says, of all documents, and nothing but the answers. */
        public static final Choices DEFAULT = new Choices(Composing.OPEN, null, 0);

        public Choices {
            if (probes < 0) {
                throw new UserException("probes is " + probes + "; give 0 or more");
            }
        }
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

    private Answer answer(Question question, Row row, Choices choices, Consumer<Composed> whenWritten) {
        try {
            return answers.measure(request(question.question(), row, choices), new AnswerListener() {
                @Override
                public void onText(String text) {}

                @Override
                public void onWritten(Composed composed) {
                    whenWritten.accept(composed);
                }
            });
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
        try (CompositionProbe probe = choices.probes() == 0 ? null : probe()) {
            for (int i = 0; i < questions.size(); i++) {
                Question question = questions.get(i);
                if (!question.gold().isEmpty()) {
                    addRetrieval(report, question, k, filter);
                }
                boolean probed = probe != null && isProbed(i, questions.size(), choices.probes());
                for (Row row : rows) {
                    Answer answer = answer(question, row, choices, composed -> {
                        if (probed) {
                            String right = question.answers().getFirst();
                            probe.measure(row.name(), right, composed, report.probes(row.name()));
                        }
                    });
                    Score score = Score.best(answer.answer(), question.answers());
                    report.add(
                            row.name(), question.type(), score, answer.timings().total() / 1000);
                    report.addPassages(row.name(), answer.passages());
                    progress.answered(row, question, answer, score);
                }
            }
        }
        return report;
    }

    private void addRetrieval(Report report, Question question, int k, Filter filter) {
        Set<String> titles = answers.find(question.question(), k, filter).stream()
                .map(Retrieved::title)
                .filter(Objects::nonNull)
                .map(Score::composed)
                .collect(Collectors.toSet());
        List<String> gold = question.gold().stream().map(Score::composed).toList();
        report.addRetrieval(gold.stream().anyMatch(titles::contains), titles.containsAll(gold));
    }

    private CompositionProbe probe() {
        Recipe recipe = recipes.current();
        return new CompositionProbe(
                runtime.languageModel(), recipe.prompts(), recipe.answering().steps());
    }

    /** Whether the question is among so many that are spread evenly over all of them. */
    static boolean isProbed(int question, int questions, int probes) {
        long wanted = Math.min(probes, questions);
        return question * wanted / questions != (question + 1) * wanted / questions;
    }
}
