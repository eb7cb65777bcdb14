package dev.prag.cli.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.llm.ModelFolder;
import dev.prag.llm.Tokenizer;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code prag model tokenize}. */
@Command(
        name = "tokenize",
        mixinStandardHelpOptions = true,
        description = {
            "Turn text or messages into ids, and ids into text.",
            "",
            "Lines: {\"text\":…} or {\"messages\":[…],\"add_generation_prompt\":true,\"tools\":[…]} or {\"ids\":[…]};"
                    + " answers: {\"ids\":[…],\"text\":…}. Text gets the special tokens of the tokenizer's"
                    + " post-processor unless \"special\" is false; messages only those that the chat template writes."
                    + " Special tokens written in either are text unless \"control_tokens\" is true."
                    + " The answer's text is what the template wrote for messages, else what the ids stand for, without"
                    + " special tokens unless \"skip_special_tokens\" is false. Adapters change nothing here.",
            ""
        })
final class TokenizeCommand extends LineCommand {
    @Override
    Tool open(ModelFolder folder, List<AdapterOptions.Weighted> adapters) {
        Tokenizer tokenizer = folder.tokenizer();
        Prompts prompts = new Prompts(
                tokenizer,
                () -> folder.chatTemplate().at(options.templateTime()),
                folder.config().vocabSize(),
                options.context(folder.config()));
        return new Tool() {
            @Override
            public ObjectNode answer(InputLine line) {
                Prompts.Prompt prompt = prompts.read(line, false);
                boolean skipSpecial = line.flag("skip_special_tokens", true);
                ObjectNode answer = JSON.createObjectNode();
                answer.set("ids", array(prompt.ids()));
                return answer.put(
                        "text", prompt.chat() != null ? prompt.chat() : tokenizer.decode(prompt.ids(), skipSpecial));
            }

            @Override
            public void close() {
                // The tokenizer holds nothing that has to be given back.
            }
        };
    }
}
