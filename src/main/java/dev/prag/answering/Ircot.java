package dev.prag.answering;

import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Interleaving retrieval with chain-of-thought reasoning (Trivedi et al., IRCoT, 2023): a sentence of reasoning, then a
 * retrieval with it, and so on; in the end a reader answers from all passages that were gathered.
 */
@Singleton
public final class Ircot implements Strategy {
    static final String NAME = "ircot";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Answer answer(AnswerSession session) {
        return answer(session, Trigger.QUESTION);
    }

    /** @param first why passages are retrieved for the question */
    Answer answer(AnswerSession session, Trigger first) {
        StrategySettings settings = session.settings();
        Map<String, Retrieved> gathered = new LinkedHashMap<>();
        gather(gathered, session.retrieve(first), settings.gathered());
        session.inject(List.copyOf(gathered.values()));
        Text thought = session.thought();
        Draft draft = session.draft(thought, settings.ahead());
        while (draft != null) {
            int sentence = draft.firstSentence();
            String said = draft.text(0, sentence).strip();
            session.keep(thought, draft, sentence);
            if (!thought.goesOn() || said.isEmpty() || !session.mayRetrieve()) {
                break;
            }
            gather(gathered, session.retrieve(said, new Trigger("reasoning", null)), settings.gathered());
            session.inject(List.copyOf(gathered.values()));
            draft = session.draft(thought, settings.ahead());
        }
        if (session.isOver()) {
            return session.answer(thought);
        }
        return session.answer(session.write());
    }

    private static void gather(Map<String, Retrieved> gathered, List<Retrieved> found, int most) {
        for (Retrieved passage : found) {
            if (gathered.size() < most) {
                gathered.putIfAbsent(passage.id(), passage);
            }
        }
    }
}
