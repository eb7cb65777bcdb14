package dev.prag.answering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.access.Principal;
import dev.prag.access.Role;
import dev.prag.answering.DrawnCorpus.Drawn;
import dev.prag.database.DatabaseResource;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * To a caller, documents that the caller may not read don't exist: all that the caller observes of a corpus is the same
 * as of a corpus without them.
 */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class NonInterferenceTest {
    private static final List<Principal> CALLERS = List.of(
            new Principal("vera", Set.of("blue"), Set.of(Role.ASK)),
            new Principal("ole", Set.of("green"), Set.of(Role.ASK, Role.WRITE)),
            new Principal("nobody", Set.of(), Set.of(Role.ASK)));
    private static final List<String> METHODS =
            List.of("closed-book", "in-context", "parametric", "combined", "flare", "ircot", "dragin+adapters");

    @Inject
    DrawnCorpus drawnCorpus;

    @Inject
    AnswerService answers;

    @Inject
    ModelRuntime runtime;

    @AfterEach
    void leaveNothing() {
        drawnCorpus.clear();
        assertEquals(0, runtime.adapters().inUse());
    }

    /** What a caller can tell of an answer; times are others each time. */
    private record Observed(
            String text, String finish, int promptTokens, int tokens, List<Answer.Used> passages, List<String> notes) {}

    @Test
    void whatCannotBeReadChangesNothing() throws IOException {
        Random random = new Random(12);
        boolean hadEffect = false;
        for (int round = 0; round < 3; round++) {
            List<Drawn> drawn = DrawnCorpus.draw(random);
            drawnCorpus.build(drawn);
            List<Observed> everything = observed(Principal.LOCAL);
            List<List<Observed>> among = CALLERS.stream().map(this::observed).toList();
            List<List<String>> shown = CALLERS.stream()
                    .map(caller -> drawnCorpus.shown(drawn, caller))
                    .toList();
            for (int i = 0; i < CALLERS.size(); i++) {
                Principal caller = CALLERS.get(i);
                drawnCorpus.build(
                        drawn.stream().filter(one -> one.isOpenTo(caller)).toList());
                assertEquals(observed(caller), among.get(i), caller.name());
                assertEquals(drawnCorpus.shown(drawn, caller), shown.get(i), caller.name());
                hadEffect |= !among.get(i).equals(everything);
            }
        }
        assertTrue(hadEffect, "the others would have been seen");
    }

    private List<Observed> observed(Principal caller) {
        List<Observed> observed = new ArrayList<>();
        for (String question : DrawnCorpus.QUESTIONS) {
            for (String method : METHODS) {
                Answer answer = answers.answer(
                        new AnswerRequest(question, method, 3, null, 12, null, null), caller, AnswerListener.NONE);
                observed.add(new Observed(
                        answer.text(),
                        answer.finish(),
                        answer.promptTokens(),
                        answer.tokens(),
                        answer.passages(),
                        answer.notes()));
            }
        }
        return observed;
    }
}
