package dev.prag.augmentation;

import dev.prag.augmentation.Asker.Line;
import dev.prag.augmentation.Making.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Future;

/**
 * Has the model say the questions of one passage in other words, and keeps what stands by the same checks as a question:
 * among them that it is answered alike with the passage before it, where the settings ask for that.
 */
final class Paraphraser {
    /** Another wording has to differ, so it is never greedy. */
    private static final double TEMPERATURE = 0.8;

    private static final int TRIES = 3;

    private final PassageLines lines;
    private final QuestionSettings settings;
    private final PromptSet prompts;
    private final QuestionPrompts asking;
    private final List<Call> calls = new ArrayList<>();
    private final Map<String, Integer> figures = new TreeMap<>();

    Paraphraser(PassageLines lines, PromptSet prompts) {
        this.lines = lines;
        this.settings = lines.settings().questions();
        this.prompts = prompts;
        this.asking = lines.settings().prompts().requireQuestions();
    }

    /** What came of it: paraphrases in the order of what they paraphrase. */
    record Made(List<Pair> pairs, List<Call> calls, Map<String, Integer> figures) {}

    /** Another wording on its way. */
    private record Draft(int of, Line line, String question, String fault, Future<Line> read) {}

    /** @param wanted how many other wordings of each pair's question */
    Made make(List<Pair> pairs, int wanted) throws InterruptedException {
        List<List<Pair>> found = new ArrayList<>();
        List<String> questions = new ArrayList<>();
        for (Pair pair : pairs) {
            found.add(new ArrayList<>());
            questions.add(pair.question());
        }
        for (int round = 0; round < TRIES; round++) {
            List<Integer> of = new ArrayList<>();
            List<Future<Line>> asked = new ArrayList<>();
            for (int i = 0; i < pairs.size(); i++) {
                for (int n = found.get(i).size(); n < wanted; n++) {
                    of.add(i);
                    asked.add(ask(pairs.get(i).question(), round, n));
                }
            }
            List<Draft> drafts = new ArrayList<>();
            for (int i = 0; i < of.size(); i++) {
                drafts.add(draft(of.get(i), pairs.get(of.get(i)), PassageLines.get(asked.get(i)), questions));
            }
            for (Draft draft : drafts) {
                Pair pair = pairs.get(draft.of());
                String fault = fault(draft, pair);
                if (fault == null) {
                    found.get(draft.of())
                            .add(new Pair(
                                    draft.question(), pair.answer(), pair.fullAnswer(), pair.kind(), pair.question()));
                } else {
                    figures.merge("paraphrase dropped: " + fault.split(": ")[0], 1, Integer::sum);
                }
                calls.add(draft.line().call("paraphrase of " + pair.question(), fault == null ? "kept" : fault));
            }
        }
        return new Made(found.stream().flatMap(List::stream).toList(), calls, figures);
    }

    private Future<Line> ask(String question, int round, int n) {
        return lines.submit(
                asking.inOtherWords(question, lines.passage()),
                TEMPERATURE,
                asking.examples(asking.paraphrase()),
                "",
                "paraphrase " + question + " " + round + " " + n);
    }

    /** @param questions that it mustn't repeat; receives it */
    private Draft draft(int of, Pair pair, Line line, List<String> questions) {
        String question = QuestionChecks.clean(line.text());
        Optional<String> fault = line.cutOff()
                ? Optional.of(QuestionChecks.NO_QUESTION)
                : QuestionChecks.fault(question, pair.answer(), lines.known(), questions);
        if (fault.isEmpty()) {
            questions.add(question);
        }
        Future<Line> read = fault.isEmpty() && settings.roundTrip()
                ? lines.submit(
                        prompts.answerPrompt(List.of(lines.passage().text()), question, false),
                        0,
                        List.of(),
                        prompts.start(false),
                        "read " + question)
                : null;
        return new Draft(of, line, question, fault.orElse(null), read);
    }

    private String fault(Draft draft, Pair pair) throws InterruptedException {
        if (draft.read() == null) {
            return draft.fault();
        }
        String answer = prompts.extractAnswer(PassageLines.get(draft.read()).text());
        return AnswerText.alike(answer, pair.answer(), settings.agreement())
                ? null
                : QuestionChecks.READ_OTHERWISE + ": " + answer;
    }
}
