package dev.prag.cli.model;

import dev.prag.base.UserException;
import dev.prag.llm.ContentMarks;
import dev.prag.llm.ModelFolder;
import dev.prag.llm.PromptText;
import dev.prag.llm.Tokenizer;
import dev.prag.llm.template.ChatTemplate;
import dev.prag.llm.template.TemplateException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What can be told of a model without its weights: whether texts survive the tokenizer, and chats the template. */
final class TextChecks {
    private static final String TOKENIZER = "tokenizer";
    private static final String TEMPLATE = "template";
    private static final String QUESTION = "Where is the key?";
    private static final String ANSWER = "On the hook.";

    /** Texts by what they are made of; the first has to survive in every model. */
    private static final Map<String, String> TEXTS = Map.of(
            "English", "The 3 keys (of room 417) aren't here:\n\n\t- ask \"Ana\" at 12:30, or pay €5 & wait.",
            "accents", "Žluťoučký kůň, façade, größer, Ångström",
            "Greek and Cyrillic", "Καλημέρα κόσμε, привет мир",
            "Chinese and Japanese", "你好世界、こんにちは",
            "Arabic and Hindi", "مرحبا بالعالم नमस्ते",
            "symbols", "→ ∑ ½ 🙂👍🏽");

    private TextChecks() {}

    /** Text to ids and back. */
    static Finding tokenizer(ModelFolder folder) {
        Tokenizer tokenizer;
        try {
            tokenizer = folder.tokenizer();
        } catch (UserException e) {
            return Finding.fault(TOKENIZER, e.getMessage());
        }
        List<String> lost = TEXTS.keySet().stream()
                .filter(name -> !survives(tokenizer, TEXTS.get(name)))
                .sorted()
                .toList();
        if (lost.contains("English")) {
            return Finding.fault(
                    TOKENIZER,
                    "a text comes back from its ids as another one: "
                            + back(tokenizer, TEXTS.get("English")).replace("\n", "\\n"),
                    "copy tokenizer.json from where the model was published, or use another GGUF file");
        }
        String tokens = String.format(Locale.ROOT, "%,d tokens", tokenizer.vocabSize());
        if (!lost.isEmpty()) {
            return Finding.warning(
                    TOKENIZER,
                    tokens + "; some characters have no token and are lost: " + String.join(", ", lost),
                    "use another model for documents with these");
        }
        return Finding.ok(TOKENIZER, tokens + "; texts come back from their ids as they were");
    }

    private static String back(Tokenizer tokenizer, String text) {
        return tokenizer.decode(tokenizer.encode(text, false), false);
    }

    private static boolean survives(Tokenizer tokenizer, String text) {
        return Normalizer.normalize(back(tokenizer, text), Normalizer.Form.NFC)
                .equals(Normalizer.normalize(text, Normalizer.Form.NFC));
    }

    /** Messages to a prompt, and whether the end of a turn is one that ends an answer. */
    static Finding template(ModelFolder folder, ChatTemplate template) {
        try {
            Tokenizer tokenizer = folder.tokenizer();
            List<Map<String, String>> turns = new ArrayList<>();
            turns.add(Map.of("role", "user", "content", QUESTION));
            PromptText prompt = render(template, tokenizer, turns, true);
            turns.add(Map.of("role", "assistant", "content", ANSWER));
            PromptText whole = render(template, tokenizer, turns, false);
            if (!prompt.text().contains(QUESTION) || !whole.text().contains(ANSWER)) {
                return Finding.fault(
                        TEMPLATE,
                        "the chat template leaves out what the messages say",
                        "use the template of the model's publisher, in chat_template.jinja");
            }
            int[] ids = tokenizer.encode(prompt);
            PromptText end = whole.part(
                    behindBlanks(whole.text(), whole.text().lastIndexOf(ANSWER) + ANSWER.length()),
                    whole.text().length());
            int[] after = tokenizer.encode(end);
            List<Integer> ends = folder.generationDefaults().eosIds();
            if (after.length == 0 || !ends.contains(after[0])) {
                String written = after.length == 0 ? "nothing" : tokenizer.name(after[0]);
                return Finding.warning(
                        TEMPLATE,
                        "the chat template writes " + written + " after an answer, which isn't among the ids that end a"
                                + " text, " + ends,
                        "set eos_token_id in generation_config.json, or answers may go on to their bound");
            }
            return Finding.ok(
                    TEMPLATE,
                    "a question of " + tokenizer.encode(QUESTION, false).length + " tokens becomes a prompt of "
                            + ids.length + "; " + tokenizer.name(after[0]) + " ends an answer");
        } catch (TemplateException e) {
            return Finding.fault(
                    TEMPLATE,
                    "the chat template refuses a question: " + e.getMessage(),
                    "use a model whose template takes messages of user and assistant");
        } catch (UserException e) {
            return Finding.fault(TEMPLATE, e.getMessage());
        }
    }

    /** LLaMA 2's template writes a space before the token that ends an answer. */
    private static int behindBlanks(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        return at;
    }

    private static PromptText render(
            ChatTemplate template, Tokenizer tokenizer, List<Map<String, String>> turns, boolean begun) {
        return ContentMarks.render(template, tokenizer, turns, null, begun, Map.of());
    }
}
