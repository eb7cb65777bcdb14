package dev.prag.evaluation;

import dev.prag.answering.Answer;
import dev.prag.answering.AnswerListener;
import dev.prag.answering.AnswerRequest;
import dev.prag.answering.AnswerService;
import dev.prag.answering.Composed;
import dev.prag.answering.Retrieval;
import dev.prag.answering.Retrieved;
import dev.prag.base.BusyException;
import dev.prag.base.UserException;
import dev.prag.generation.Scorer;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.retrieval.Filter;
import dev.prag.runtime.ModelRuntime;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

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
     * @param concurrency how many questions are asked at once
     */
    public record Choices(Composing composing, Map<String, Object> filter, int probes, int concurrency) {
        /** As the recipe says, of all documents, and nothing but the answers. */
        public static final Choices DEFAULT = new Choices(Composing.OPEN, null, 0);

        public Choices {
            if (probes < 0) {
                throw new UserException("probes is " + probes + "; give 0 or more");
            }
            Asking.checked(concurrency);
        }

        /** One question after the other. */
        public Choices(Composing composing, Map<String, Object> filter, int probes) {
            this(composing, filter, probes, 1);
        }
    }

    /** Told of every answer as it comes, or as it is found where it was kept; by several threads, one at a time. */
    @FunctionalInterface
    public interface Progress {
        void answered(Row row, Question question, Score score);
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

    /**
     * Refuses questions that the adapters of a recipe were trained on before they were trained on their passages.
     *
     * @throws UserException naming the first of them
     */
    public static void requireUnseen(Recipe recipe, List<Question> questions) {
        WarmUpNote.requireUnseen(recipe, questions);
    }

    /**
     * An answer.
     *
     * @param logprob mean log-probability of the tokens that were written for it; null where none was
     * @param rounds retrievals
     */
    private record Heard(Answer answer, Double logprob, int rounds) {}

    private Heard answer(Question question, Row row, Choices choices, Consumer<Composed> whenWritten) {
        double[] sum = new double[1];
        int[] tokens = new int[1];
        int[] rounds = new int[1];
        AnswerListener listener = new AnswerListener() {
            @Override
            public void onText(String text) {}

            @Override
            public void onToken(int id, String text, float logprob, Scorer.Top top) {
                sum[0] += logprob;
                tokens[0]++;
            }

            @Override
            public void onRetrieval(Retrieval retrieval) {
                rounds[0]++;
            }

            @Override
            public void onWritten(Composed composed) {
                whenWritten.accept(composed);
            }
        };
        try {
            Answer answer = whenThereIsRoom(
                    () -> answers.measure(request(question.question(), row, choices), listener), choices.concurrency());
            return new Heard(answer, tokens[0] == 0 ? null : sum[0] / tokens[0], rounds[0]);
        } catch (UserException e) {
            throw new UserException(e.kind(), named(question) + ": " + e.getMessage(), e);
        }
    }

    static String named(Question question) {
        String text = question.question();
        return "question \"" + (text.length() <= MOST_NAMED ? text : text.substring(0, MOST_NAMED) + "…") + "\"";
    }

    /** Where others of this evaluation take the room, they leave it again. */
    private static Answer whenThereIsRoom(Supplier<Answer> ask, int concurrency) {
        while (true) {
            try {
                return ask.get();
            } catch (BusyException e) {
                if (concurrency == 1) {
                    throw e;
                }
                try {
                    Thread.sleep(e.retryAfter());
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw e;
                }
            }
        }
    }

    private static AnswerRequest request(String question, Row row, Choices choices) {
        return AnswerRequest.of(question, row.method(), row.composing().over(choices.composing()), choices.filter());
    }

    /** As {@link #evaluate(List, List, Choices, AnswersFile, Progress)}, keeping no answer. */
    public Report evaluate(List<Question> questions, List<Row> rows, Choices choices, Progress progress) {
        return evaluate(questions, rows, choices, null, progress);
    }

    /**
     * Asks every question once for each row. The answers to one question follow each other, so that rows whose prompts are
     * computed alike share them; with a concurrency of 1 those to different questions do, too, so that the seconds are
     * those of a lone question. What is counted doesn't depend on the concurrency.
     *
     * @param file where answers are kept; what is there is counted and not asked for again. Null for none
     */
    public Report evaluate(
            List<Question> questions, List<Row> rows, Choices choices, AnswersFile file, Progress progress) {
        check(rows, choices);
        requireUnseen(recipes.current(), questions);
        Run run = new Run(questions, rows, choices, file == null ? AnswerLog.NONE : file, progress);
        return run.report();
    }

    /** One evaluation. */
    private final class Run {
        private final List<Question> questions;
        private final List<Row> rows;
        private final Choices choices;
        private final AnswerLog log;
        private final Progress progress;
        private final Filter filter;
        private final int k;
        private final AnswerKeys keys;
        private final Outcome[][] outcomes;
        private final List<List<Retrieved>> found;

        Run(List<Question> questions, List<Row> rows, Choices choices, AnswerLog log, Progress progress) {
            this.questions = questions;
            this.rows = rows;
            this.choices = choices;
            this.log = log;
            this.progress = progress;
            filter = Filter.of(choices.filter());
            k = choices.composing().topK() == null
                    ? answers.defaultTopK()
                    : choices.composing().topK();
            keys = new AnswerKeys(runtime.modelId(), recipes.current(), choices.filter());
            outcomes = new Outcome[questions.size()][rows.size()];
            found = new ArrayList<>(Collections.nCopies(questions.size(), null));
        }

        Report report() {
            Report report = new Report(k);
            // Probes compare a question with those before it: one after the other, and in the same order each time.
            int[] probed = IntStream.range(0, questions.size())
                    .filter(i -> isProbed(i, questions.size(), choices.probes()))
                    .toArray();
            try (CompositionProbe probe = probed.length == 0 ? null : probe()) {
                Asking.all(
                        probed,
                        1,
                        i -> ask(i, (row, composed) -> {
                            String right = questions.get(i).answers().getFirst();
                            probe.measure(row, right, composed, report.probes(row));
                        }));
            }
            int[] others = IntStream.range(0, questions.size())
                    .filter(i -> !isProbed(i, questions.size(), choices.probes()))
                    .toArray();
            Asking.all(others, choices.concurrency(), i -> ask(i, null));
            for (int i = 0; i < questions.size(); i++) {
                Question question = questions.get(i);
                report.retrieval().add(question, found.get(i));
                for (int j = 0; j < rows.size(); j++) {
                    report.add(rows.get(j), question, outcomes[i][j]);
                }
            }
            return report;
        }

        /** @param probe measures the composition of a row; null where none is measured, and a kept answer suffices */
        private void ask(int i, BiConsumer<String, Composed> probe) {
            Question question = questions.get(i);
            found.set(i, answers.find(question.question(), k, filter));
            for (int j = 0; j < rows.size(); j++) {
                Row row = rows.get(j);
                String key = keys.of(
                        row, answers.composing(row.composing().over(choices.composing()), row.method()), question);
                Outcome known = log.known(key);
                if (known == null || probe != null && !known.adapters().isEmpty()) {
                    Heard heard = answer(question, row, choices, composed -> {
                        if (probe != null) {
                            probe.accept(row.name(), composed);
                        }
                    });
                    if (known == null) {
                        known = Outcome.of(question, heard.answer(), heard.logprob(), heard.rounds());
                        log.keep(key, row, question, heard.answer(), known);
                    }
                }
                outcomes[i][j] = known;
                synchronized (this) {
                    progress.answered(row, question, known.score());
                }
            }
        }
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
