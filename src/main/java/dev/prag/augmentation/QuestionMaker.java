package dev.prag.augmentation;

import dev.prag.augmentation.Asker.Line;
import dev.prag.augmentation.Making.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Makes the question/answer pairs of one passage, answers first (Lewis et al., PAQ, 2021), and keeps those that survive a
 * round trip (Alberti et al., 2019): the model answers the question alike with the passage before it, and not without.
 * Questions are asked for in rounds, all of a round at once; each may fail and come again warmer in a later one.
 */
final class QuestionMaker {
    /** Of what is wanted, how much more is asked for at once: about half survives. */
    private static final int SPARE = 2;

    private static final int LEAST_ROUND = 4;
    /** A passage that failed before is sampled at least so warm: a greedy answer would come again. */
    private static final double RETRY_TEMPERATURE = 0.7;

    private final Augmentable passage;
    private final QuestionSettings wanted;
    private final CheckSettings checks;
    private final PromptSet prompts;
    private final QuestionPrompts asking;
    private final Asker asker;
    private final SupportGain gain;
    private final PassageLines lines;
    private final List<Pair> kept = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    private final Map<String, Integer> figures = new TreeMap<>();

    QuestionMaker(
            Augmentable passage,
            AugmentationSettings settings,
            PromptSet prompts,
            Asker asker,
            SupportGain gain,
            ExecutorService threads) {
        this.passage = passage;
        this.wanted = settings.questions();
        this.checks = settings.checks() == null ? CheckSettings.DEFAULT : settings.checks();
        this.prompts = prompts;
        this.asking = settings.prompts().requireQuestions();
        this.asker = asker;
        this.gain = gain;
        this.lines = new PassageLines(passage, settings, asker, threads);
    }

    /** What came of it: pairs in the order of asking, paraphrases behind them. */
    record Made(List<Pair> pairs, Map<String, String> prompts, List<Call> calls, Map<String, Integer> figures) {}

    /** A question on its way, and what is known of its answer. */
    private static final class Draft {
        final Topic topic;
        final Line line;
        final String question;
        String answer;
        /** Whether the answer is what was read, and not what was asked for. */
        boolean reading;

        String fault;

        Draft(Topic topic, Line line, String question) {
            this.topic = topic;
            this.line = line;
            this.question = question;
            this.answer = topic.answer();
        }

        boolean stands() {
            return fault == null;
        }
    }

    Made make() throws InterruptedException {
        List<Topic> topics = Topics.of(passage, wanted.kinds());
        List<Topic> facts = Topics.of(passage, List.of(QuestionKind.FACT));
        for (int round = 0; round < wanted.temperatures().size() && missing() > 0; round++) {
            List<Topic> failed = new ArrayList<>();
            List<Topic> done = new ArrayList<>();
            int from = 0;
            while (from < topics.size() && missing() > 0) {
                int to = Math.min(topics.size(), from + Math.max(LEAST_ROUND, SPARE * missing()));
                for (Draft draft : round(topics.subList(from, to), round)) {
                    if (draft.reading) {
                        failed.add(draft.topic);
                    } else if (draft.stands()) {
                        done.add(draft.topic);
                    } else if (!QuestionChecks.KNOWN.equals(draft.fault)) {
                        boolean gave = QuestionChecks.HOLDS_ANSWER.equals(draft.fault);
                        failed.add(gave ? draft.topic.withGap() : draft.topic);
                    }
                }
                from = to;
            }
            // Once all was asked for, what was answered well may be asked about otherwise.
            failed.addAll(topics.subList(from, topics.size()));
            failed.addAll(done);
            topics = failed;
        }
        List<Pair> pairs = new ArrayList<>(kept);
        pairs.addAll(Clozes.of(facts, passage.subject(), kept, wanted.clozes()));
        figures.put("kept", pairs.size());
        if (wanted.paraphrases() > 0) {
            Paraphraser.Made said = new Paraphraser(lines, prompts).make(kept, wanted.paraphrases());
            figures.put("paraphrases", said.pairs().size());
            figures.putAll(said.figures());
            calls.addAll(said.calls());
            pairs.addAll(said.pairs());
        }
        return new Made(pairs, usedPrompts(), calls, figures);
    }

    private int missing() {
        return wanted.perPassage() - kept.size();
    }

    private Map<String, String> usedPrompts() {
        Map<String, String> used = new TreeMap<>();
        wanted.kinds().forEach(kind -> used.put(kind.inRecipes(), QuestionPrompts.json(asking.task(kind))));
        if (wanted.paraphrases() > 0) {
            used.put("paraphrase", QuestionPrompts.json(asking.paraphrase()));
        }
        if (wanted.fullAnswers() || wanted.kinds().stream().anyMatch(kind -> !kind.isOfSentence())) {
            used.put("answer", asking.answer());
        }
        return used;
    }

    // ---- a round ----

    private List<Draft> round(List<Topic> topics, int round) throws InterruptedException {
        List<Draft> drafts = ask(topics, round);
        List<Draft> standing = standing(drafts);
        read(standing);
        standing = standing(drafts);
        if (wanted.skipKnown()) {
            List<Line> alone =
                    lines(standing, draft -> direct(List.of(), draft.question), prompts.start(false), "known " + round);
            for (int i = 0; i < standing.size(); i++) {
                Draft draft = standing.get(i);
                if (AnswerText.alike(prompts.extractAnswer(alone.get(i).text()), draft.answer, wanted.agreement())) {
                    draft.fault = QuestionChecks.KNOWN;
                }
            }
        }
        if (checks.supportGain() != null) {
            for (Draft draft : standing(drafts)) {
                double gained = gain.of(prompts, passage.text(), draft.question, draft.answer);
                draft.fault = gained >= checks.supportGain() ? null : QuestionChecks.NO_GAIN;
            }
        }
        keep(drafts);
        return drafts;
    }

    private List<Draft> ask(List<Topic> topics, int round) throws InterruptedException {
        double temperature = wanted.temperatures().get(round);
        double warm = passage.attempt() == 0 ? temperature : Math.max(RETRY_TEMPERATURE, temperature);
        List<Future<Line>> asked = new ArrayList<>();
        for (Topic topic : topics) {
            String prompt = asking.askFor(topic, passage);
            asked.add(lines.submit(
                    prompt, warm, asking.examples(asking.task(topic.kind())), "", topic.name() + " " + round));
        }
        List<Draft> drafts = new ArrayList<>();
        List<String> questions =
                new ArrayList<>(kept.stream().map(Pair::question).toList());
        for (int i = 0; i < topics.size(); i++) {
            Line line = PassageLines.get(asked.get(i));
            Draft draft = new Draft(topics.get(i), line, line.cutOff() ? "" : QuestionChecks.clean(line.text()));
            draft.fault = QuestionChecks.fault(draft.question, draft.answer, lines.known(), questions)
                    .orElse(null);
            if (draft.stands()) {
                questions.add(draft.question);
            }
            drafts.add(draft);
        }
        add("asked", topics.size());
        return drafts;
    }

    /** Has the model answer with the passage before it: as a check, or to know the answer. */
    private void read(List<Draft> drafts) throws InterruptedException {
        List<Draft> toRead = drafts.stream()
                .filter(draft -> wanted.roundTrip() || draft.answer.isEmpty())
                .toList();
        List<Future<Line>> asked = new ArrayList<>();
        for (Draft draft : toRead) {
            boolean whole = !draft.topic.kind().isOfSentence();
            asked.add(lines.submit(
                    whole
                            ? asking.fullAnswerTo(draft.question, passage)
                            : direct(List.of(passage.text()), draft.question),
                    0,
                    List.of(),
                    whole ? asking.fullAnswer() : prompts.start(false),
                    "read " + draft.question));
        }
        for (int i = 0; i < toRead.size(); i++) {
            Draft draft = toRead.get(i);
            String read = prompts.extractAnswer(PassageLines.get(asked.get(i)).text());
            if (draft.answer.isEmpty()) {
                draft.answer = read;
                draft.fault = faultOfRead(draft, PassageLines.get(asked.get(i)).cutOff());
            } else if (!AnswerText.alike(read, draft.answer, wanted.agreement())) {
                readOtherwise(draft, read);
            }
        }
    }

    /** Small models often ask well, but for something else than they were told: for what they read. */
    private void readOtherwise(Draft draft, String read) {
        boolean says = wanted.readings() != null
                && QuestionChecks.isQuoted(read, draft.topic.sentence())
                && !QuestionChecks.holds(draft.question, read);
        if (says) {
            draft.answer = read;
            draft.reading = true;
        } else {
            draft.fault = QuestionChecks.READ_OTHERWISE + ": " + read;
        }
    }

    /** What is asked about a sentence has to be answered from it: another one means that the question is vague. */
    private String faultOfRead(Draft draft, boolean cutOff) {
        String sentence = draft.topic.sentence();
        String source = (sentence.isEmpty() ? passage.text() : sentence) + " " + passage.subject();
        if (cutOff || !QuestionChecks.isSupported(draft.answer, source, checks.support())) {
            return QuestionChecks.UNSUPPORTED + ": " + draft.answer;
        }
        return QuestionChecks.holds(draft.question, draft.answer) ? QuestionChecks.HOLDS_ANSWER : null;
    }

    private void keep(List<Draft> drafts) throws InterruptedException {
        List<Draft> good = standing(drafts);
        List<Draft> taken = good.subList(0, Math.min(missing(), good.size()));
        List<String> sentences = new ArrayList<>();
        if (wanted.fullAnswers()) {
            for (Line line :
                    lines(taken, draft -> asking.fullAnswerTo(draft.question, passage), asking.fullAnswer(), "full")) {
                sentences.add(line.cutOff() ? "" : line.text().strip());
            }
        }
        for (int i = 0; i < taken.size(); i++) {
            Draft draft = taken.get(i);
            String written = wanted.fullAnswers() ? sentences.get(i) : "";
            kept.add(new Pair(
                    draft.question,
                    draft.answer,
                    fullAnswer(draft, written),
                    draft.reading ? Pair.READING : draft.topic.kind().inRecipes(),
                    null));
            asker.answered();
        }
        for (Draft draft : drafts) {
            if (!draft.stands()) {
                add("dropped: " + draft.fault.split(": ")[0], 1);
            }
            String outcome = !draft.stands() ? draft.fault : taken.contains(draft) ? "kept" : "more than wanted";
            calls.add(draft.line.call(draft.topic.name(), outcome));
        }
    }

    /** The model's sentence if it says the answer and nothing else than the passage; else the passage's. */
    private String fullAnswer(Draft draft, String written) {
        boolean good = AnswerText.isWithin(AnswerText.bare(draft.answer), AnswerText.bare(written))
                && QuestionChecks.isSupported(written, lines.known() + " " + draft.question, checks.support());
        if (good) {
            return written;
        }
        return draft.topic.sentence().isEmpty() ? draft.answer : draft.topic.sentence();
    }

    // ---- asking ----

    private String direct(List<String> passages, String question) {
        return prompts.answerPrompt(passages, question, false);
    }

    private interface Prompt {
        String of(Draft draft);
    }

    private List<Line> lines(List<Draft> drafts, Prompt prompt, String start, String name) throws InterruptedException {
        List<Future<Line>> asked = new ArrayList<>();
        for (Draft draft : drafts) {
            asked.add(lines.submit(prompt.of(draft), 0, List.of(), start, name + " " + draft.question));
        }
        List<Line> written = new ArrayList<>();
        for (Future<Line> future : asked) {
            written.add(PassageLines.get(future));
        }
        return written;
    }

    private static List<Draft> standing(List<Draft> drafts) {
        return drafts.stream().filter(Draft::stands).toList();
    }

    private void add(String figure, int n) {
        figures.merge(figure, n, Integer::sum);
    }
}
