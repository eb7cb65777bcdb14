package dev.prag.cli.model;

import dev.prag.base.UserException;
import dev.prag.llm.PromptText;
import dev.prag.training.Sample;
import dev.prag.training.TrainingRecipe.LossOn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Training samples from lines of JSON. */
final class TrainingSamples {
    private final Prompts prompts;
    private final LossOn lossOn;

    TrainingSamples(Prompts prompts, LossOn lossOn) {
        this.prompts = prompts;
        this.lossOn = lossOn;
    }

    /** Reads them all; a bad line is an error with its number. */
    List<Sample> read(Path file) {
        List<Sample> samples = new ArrayList<>();
        try (InputLines lines = InputLines.open(file)) {
            lines.forEach(line -> samples.add(sample(line)));
        }
        if (samples.isEmpty()) {
            throw new UserException(file + " has no samples; write one JSON object on each line");
        }
        return samples;
    }

    private Sample sample(InputLine line) {
        if (line.has("ids") == line.has("messages")) {
            throw new UserException("a sample has either the field ids or the field messages; give one of them");
        }
        Sample sample = line.has("messages") ? ofMessages(line) : ofIds(line);
        if (sample.ids().length < 2) {
            throw new UserException("a sample of " + sample.ids().length
                    + " ids has nothing to learn, since the first is never predicted; give at least two");
        }
        return sample;
    }

    private Sample ofIds(InputLine line) {
        int[] ids = prompts.checked(line.integers("ids").orElseThrow());
        int answerFrom = line.integer("answer_from").orElse(-1);
        if (line.has("answer_from") ? answerFrom < 0 || answerFrom >= ids.length : lossOn == LossOn.ANSWER) {
            throw new UserException("field answer_from is "
                    + (line.has("answer_from") ? answerFrom : "missing")
                    + "; the loss on the answer needs the index of its first id, which is 0 to " + (ids.length - 1));
        }
        return new Sample(ids, Math.max(0, answerFrom));
    }

    private Sample ofMessages(InputLine line) {
        List<Map<String, Object>> messages = line.objects("messages").orElseThrow();
        PromptText whole = prompts.chat(line, messages, false);
        int[] ids = prompts.fitting(prompts.tokenizer().encode(whole));
        if (lossOn == LossOn.ALL) {
            return new Sample(ids, 0);
        }
        if (messages.isEmpty() || !"assistant".equals(messages.getLast().get("role"))) {
            throw new UserException("the last of the messages is not the assistant's, so there is no answer to learn;"
                    + " end with one of role assistant, or take --loss-on all");
        }
        PromptText prompt = prompts.chat(line, messages.subList(0, messages.size() - 1), true);
        if (!whole.text().startsWith(prompt.text())) {
            throw new UserException("the chat template writes the prompt otherwise once it is answered, so the answer's"
                    + " place isn't known; give ids and answer_from, or take --loss-on all");
        }
        return new Sample(ids, common(ids, prompts.tokenizer().encode(prompt)));
    }

    /** How many ids the two begin with; where a token reaches over the border, it belongs to the answer. */
    private static int common(int[] ids, int[] prompt) {
        int same = 0;
        while (same < Math.min(ids.length - 1, prompt.length) && ids[same] == prompt[same]) {
            same++;
        }
        return same;
    }
}
