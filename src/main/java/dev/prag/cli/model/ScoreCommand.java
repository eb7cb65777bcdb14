package dev.prag.cli.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.generation.Scorer;
import dev.prag.llm.ModelFolder;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code prag model score}. */
@Command(
        name = "score",
        mixinStandardHelpOptions = true,
        description = {
            "Tell how probable a text is, token by token.",
            "",
            "Lines: {\"ids\":[…]} or {\"text\":…} or {\"messages\":[…]}; answers: {\"ids\":[…],\"logprobs\":[…]}."
                    + " Entry i is the natural log-probability of ids[i+1] after ids[0..i]. \"top\": k adds the k best"
                    + " next tokens at each position, as \"top\":[[[id,logprob],…],…].",
            ""
        })
final class ScoreCommand extends LineCommand {
    @Override
    Tool open(ModelFolder folder, List<AdapterOptions.Weighted> adapters) {
        OpenModel open = OpenModel.open(folder, options, adapters);
        Scorer scorer = new Scorer(open.model().decoder());
        Prompts prompts = prompts(open.model());
        return new Tool() {
            @Override
            public ObjectNode answer(InputLine line) {
                int[] ids = prompts.read(line, false).ids();
                int top = line.integer("top").orElse(0);
                Scorer.Scores scores = scorer.score(ids, open.composition(), top);
                ObjectNode answer = JSON.createObjectNode();
                answer.set("ids", array(ids));
                answer.set("logprobs", array(scores.logprobs()));
                if (top > 0) {
                    ArrayNode positions = answer.putArray("top");
                    scores.top().forEach(best -> add(positions.addArray(), best));
                }
                return answer;
            }

            @Override
            public void close() {
                scorer.close();
                open.close();
            }
        };
    }

    private static void add(ArrayNode position, Scorer.Top best) {
        for (int i = 0; i < best.ids().length; i++) {
            position.addArray().add(best.ids()[i]).add(best.logprobs()[i]);
        }
    }
}
