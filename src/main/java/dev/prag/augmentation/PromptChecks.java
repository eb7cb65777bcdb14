package dev.prag.augmentation;

import dev.prag.base.UserException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks a prompt set of somebody's own over before anything is made by it: each message names file, field and remedy. */
final class PromptChecks {
    private static final String SHOTS = "shots";

    private final String origin;

    /** @param origin what is looked over, for the messages */
    PromptChecks(String origin) {
        this.origin = origin;
    }

    /**
     * Looks it over.
     *
     * @param questions may be null
     * @throws UserException at the first fault
     */
    void check(PromptSet set, QuestionPrompts questions) {
        placeholders("rewrite", set.rewrite(), List.of("passage"), List.of());
        placeholders("pairs", set.pairs(), List.of("passage"), List.of());
        placeholders("passage", set.passage(), List.of("passage"), List.of("number"));
        style("direct", set.direct(), set.shots() != null);
        style("steps", set.steps(), set.shots() != null);
        require(
                !set.answerMarkers().isEmpty(),
                "answerMarkers",
                "it is empty; give what an answer follows, such as [\"The answer is\"]");
        require(
                set.answerMarkers().stream().noneMatch(String::isBlank),
                "answerMarkers",
                "it holds an empty text, which would be found at the end of every answer; leave it out");
        shots(set);
        if (questions != null) {
            questions(questions);
        }
    }

    private void style(String name, PromptSet.Style style, boolean shots) {
        boolean turns = Boolean.TRUE.equals(style.shotTurns());
        require(
                style.shot() == null || !turns,
                name + ".shotTurns",
                "the examples stand either in the user's turn (shot) or as turns of their own (shotTurns); leave one out");
        require(
                shots || style.shot() == null && !turns,
                name + (turns ? ".shotTurns" : ".shot"),
                "the set has no examples; give them as the field shots, or leave this out");
        List<String> block = style.shot() == null ? List.of() : List.of(SHOTS);
        placeholders(
                name + ".withPassages",
                style.withPassages(),
                Stream.concat(Stream.of("passages", "question"), block.stream()).toList(),
                List.of());
        placeholders(
                name + ".withoutPassages",
                style.withoutPassages(),
                Stream.concat(Stream.of("question"), block.stream()).toList(),
                List.of());
        placeholders(name + ".start", style.start(), List.of(), List.of());
        answering(name + ".sample", style.sample(), List.of());
        require(
                style.sample().startsWith(style.start()),
                name + ".sample",
                "it doesn't begin with " + name + ".start, \"" + style.start()
                        + "\", as the model is trained on what it goes on with; begin it so, to the last space");
        if (style.shot() != null) {
            answering(name + ".shot", style.shot(), List.of("question", "passages"));
            require(
                    style.shot().contains("{question}"),
                    name + ".shot",
                    "{question} is missing; put it where the example's question belongs");
        }
    }

    /** What holds an answer, in one way or the other. */
    private void answering(String field, String text, List<String> allowed) {
        placeholders(
                field,
                text,
                List.of(),
                Stream.concat(Stream.of("answer", "fullAnswer"), allowed.stream())
                        .toList());
        require(
                text.contains("{answer}") || text.contains("{fullAnswer}"),
                field,
                "{answer} is missing, or {fullAnswer}; put it where the answer belongs");
    }

    private void shots(PromptSet set) {
        if (set.shots() == null) {
            return;
        }
        require(
                Stream.of(set.direct(), set.steps())
                        .anyMatch(style -> style.shot() != null || Boolean.TRUE.equals(style.shotTurns())),
                SHOTS,
                "neither direct nor steps shows them; give one of these shot, the wording of an example where {shots}"
                        + " stands, or shotTurns: true");
        for (int i = 0; i < set.shots().size(); i++) {
            Shot shot = set.shots().get(i);
            require(
                    !shot.question().isBlank() && !shot.answer().isBlank(),
                    SHOTS + "[" + i + "]",
                    "its question or its answer is empty; fill it in, or leave the example out");
        }
    }

    private void questions(QuestionPrompts questions) {
        for (QuestionKind kind : QuestionKind.values()) {
            task(kind.inRecipes(), questions.task(kind), List.of());
        }
        task("paraphrase", questions.paraphrase(), List.of("question"));
        placeholders("questions.answer", questions.answer(), List.of("question"), List.of("subject", "passage"));
    }

    private void task(String name, QuestionPrompts.Task task, List<String> needed) {
        placeholders(
                "questions." + name + ".turn",
                task.turn(),
                needed,
                List.of("subject", "passage", "sentence", "answer", "question"));
    }

    private void placeholders(String field, String text, List<String> needed, List<String> allowed) {
        List<String> known = Stream.concat(needed.stream(), allowed.stream()).toList();
        Matcher found = PromptSet.PLACEHOLDER.matcher(text);
        while (found.find()) {
            String name = found.group(1);
            require(
                    known.contains(name),
                    field,
                    "{" + name + "} is no placeholder here; "
                            + (SHOTS.equals(name)
                                    ? "it needs the wording of an example beside it, the field shot"
                                    : known.isEmpty()
                                            ? "leave it out: nothing is filled in here"
                                            : "write " + listed(known) + ", or leave it out"));
        }
        for (String name : needed) {
            require(
                    text.contains("{" + name + "}"),
                    field,
                    "{" + name + "} is missing; put it where the " + name + " belong"
                            + (name.endsWith("s") ? "" : "s"));
        }
    }

    private static String listed(List<String> names) {
        return names.stream().map(name -> "{" + name + "}").collect(Collectors.joining(" or "));
    }

    private void require(boolean holds, String field, String fault) {
        if (!holds) {
            throw new UserException(origin + ": " + field + ": " + fault);
        }
    }
}
