package dev.prag.answering;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What stands around a question in a chat. Turns are messages as {@link dev.prag.llm.LanguageModel#chatIds} takes them.
 *
 * @param before the turns before it, such as those of the system
 * @param after the turns behind it
 * @param rewritten whether the model makes a question of its own of it before something is searched for, where others
 *     stand before it
 */
public record Chat(List<Map<String, Object>> before, List<Map<String, Object>> after, boolean rewritten) {
    /** The question alone. */
    public static final Chat NONE = new Chat(List.of(), List.of(), false);

    public Chat {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }

    /** All turns, with the question's own among them: examples before it come first, behind the system's word. */
    List<Map<String, Object>> around(List<Map<String, Object>> question) {
        if (before.isEmpty() && after.isEmpty()) {
            return question;
        }
        List<Map<String, Object>> turns = new ArrayList<>(before);
        int system = 0;
        while (system < before.size() && "system".equals(before.get(system).get("role"))) {
            system++;
        }
        turns.addAll(system, question.subList(0, question.size() - 1));
        turns.add(question.getLast());
        turns.addAll(after);
        return turns;
    }

    /** What people and the model said before the question, which it may rest on. */
    List<Map<String, Object>> talk() {
        return before.stream()
                .filter(turn -> !"system".equals(turn.get("role")))
                .toList();
    }
}
