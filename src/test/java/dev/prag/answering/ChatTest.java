package dev.prag.answering;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.access.Principal;
import dev.prag.augmentation.PromptSet;
import dev.prag.database.DatabaseResource;
import dev.prag.llm.LanguageModel;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Questions of a chat. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class ChatTest {
    private static final Map<String, Object> SYSTEM = turn("system", "Answer truly.");
    private static final Map<String, Object> HELLO = turn("user", "Hello");
    private static final Map<String, Object> REPLY = turn("assistant", "Good day.");

    @Inject
    DemoCorpus demo;

    @Inject
    AnswerService answers;

    @Inject
    ModelRuntime runtime;

    @Inject
    Recipes recipes;

    @AfterEach
    void leaveNothing() {
        demo.clear();
    }

    @Test
    void aQuestionAloneHasThePromptThatItAlwaysHad() {
        PromptSet prompts = recipes.current().prompts();
        LanguageModel model = runtime.languageModel();
        Retrieved passage = new Retrieved("p", null, "Vera lives in Torsby.", 1);
        assertArrayEquals(
                prompts.answerIds(model, List.of(passage.text()), "Where?", false),
                fitted(Chat.NONE, List.of(passage)));
    }

    @Test
    void otherTurnsStandAroundIt() {
        PromptSet prompts = recipes.current().prompts();
        LanguageModel model = runtime.languageModel();
        Chat chat = new Chat(List.of(SYSTEM, HELLO, REPLY), List.of(turn("system", "Now.")), false);
        List<Map<String, Object>> turns = new ArrayList<>(List.of(SYSTEM, HELLO, REPLY));
        turns.addAll(prompts.answer(List.of(), "Where?", false));
        turns.add(turn("system", "Now."));
        int[] expected = model.chatIds(turns, true);
        int[] start = model.tokenizer().encodeText(prompts.start(false), false);
        int[] made = fitted(chat, List.of());
        assertArrayEquals(expected, Arrays.copyOf(made, expected.length));
        assertArrayEquals(start, Arrays.copyOfRange(made, expected.length, made.length));
    }

    @Test
    void aQuestionIsRewrittenWhereItMayRestOnOthers() {
        demo.ingest(DemoCorpus.ANCHOR);
        List<Runnable> started = new ArrayList<>();
        Answer goingOn = ask(new Chat(List.of(HELLO, REPLY), List.of(), true), started);
        assertEquals(2, started.size(), "the rewriting can be ended, too");
        assertTrue(
                goingOn.notes().getFirst().startsWith("passages were searched for the question as the model rewrote"),
                goingOn.notes().toString());
        assertEquals(DemoCorpus.QUESTION, goingOn.question(), "it is asked as it is");
        started.clear();
        Answer first = ask(new Chat(List.of(SYSTEM), List.of(), true), started);
        assertEquals(1, started.size(), "nothing to rest on");
        assertEquals(List.of(), first.notes());
    }

    private Answer ask(Chat chat, List<Runnable> started) {
        AnswerRequest request = AnswerRequest.of(DemoCorpus.QUESTION, "in-context");
        return answers.answer(request, chat, request.writing(), Principal.LOCAL, new AnswerListener() {
            @Override
            public void onText(String text) {}

            @Override
            public void onStart(Runnable cancel) {
                started.add(cancel);
            }
        });
    }

    private int[] fitted(Chat chat, List<Retrieved> passages) {
        return FittedPrompt.of(
                        recipes.current().prompts(), runtime.languageModel(), chat, "Where?", false, passages, 1024, 20)
                .ids();
    }

    private static Map<String, Object> turn(String role, String content) {
        return Map.of("role", role, "content", content);
    }
}
