package dev.prag.answering;

import dev.prag.generation.GenerationRequest;
import java.util.List;
import java.util.Map;

/** Has the model make a question of its own of the last one of a chat, which may rest on what was said before. */
final class QuestionRewriter {
    private static final int MOST_TOKENS = 96;
    private static final String BEGIN =
            "Given the conversation below and a follow-up question, rephrase the follow-up question so that it stands"
                    + " alone: put names in the place of words such as \"it\" or \"she\". Do not answer it.\n\n"
                    + "Conversation:\n";
    private static final String FOLLOWS = "\nFollow-up question: ";
    private static final String END = "\nQuestion that stands alone:";

    private QuestionRewriter() {}

    /** The question in words of its own; the question itself where the model writes none, or has no room to. */
    static String rewrite(AnswerService service, Chat chat, String question, AnswerListener listener, Ending ending) {
        StringBuilder talk = new StringBuilder(BEGIN);
        for (Map<String, Object> turn : chat.talk()) {
            talk.append(turn.get("role"))
                    .append(": ")
                    .append(turn.get("content"))
                    .append('\n');
        }
        talk.append(FOLLOWS).append(question).append(END);
        int[] prompt = service.model().chatIds(List.of(Map.of("role", "user", "content", talk.toString())), true);
        if (prompt.length + MOST_TOKENS > service.context()) {
            return question;
        }
        AnswerListener unheard = new AnswerListener() {
            @Override
            public void onText(String text) {}

            @Override
            public void onStart(Runnable cancel) {
                listener.onStart(cancel);
            }
        };
        String written = TextWriter.write(
                        service.engine(), GenerationRequest.greedy(prompt, MOST_TOKENS), unheard, ending)
                .result()
                .text()
                .strip();
        int line = written.indexOf('\n');
        String first = line < 0 ? written : written.substring(0, line).strip();
        return first.isEmpty() ? question : first;
    }
}
