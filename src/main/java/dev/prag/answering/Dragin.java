package dev.prag.answering;

import dev.prag.answering.words.AttentionQuery;
import dev.prag.answering.words.ContentWords;
import dev.prag.answering.words.Rind;
import dev.prag.answering.words.Word;
import dev.prag.retrieval.RetrievalConfig;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Dynamic retrieval by the information needs of the model (Su et al., DRAGIN, 2024): where a content word is uncertain and
 * leaned on by what follows (RIND), the text is cut before it, and the words that the model looked at most before it are
 * searched for (QFS). Nothing is retrieved before.
 */
@Singleton
public final class Dragin implements Strategy {
    private final RetrievalConfig retrieval;

    @Inject
    Dragin(RetrievalConfig retrieval) {
        this.retrieval = retrieval;
    }

    @Override
    public String name() {
        return "dragin";
    }

    @Override
    public boolean keepsToSchemas() {
        return false;
    }

    @Override
    public Answer answer(AnswerSession session) {
        StrategySettings settings = session.settings();
        double theta = settings.rind();
        int most = settings.queryWords();
        ContentWords content = ContentWords.of(retrieval.language());
        Text text = session.text(true);
        Draft draft = session.draft(text, settings.ahead());
        while (draft != null) {
            Doubt doubt = draft.size() == 0 ? null : doubt(session.look(text, draft), draft, content, theta);
            if (doubt == null || !session.mayRetrieve()) {
                session.keep(text, draft, draft.size());
            } else {
                String query = query(doubt, draft, content, most);
                session.keep(
                        text,
                        draft,
                        doubt.word().from() - doubt.view().reading().first());
                session.inject(session.retrieve(query.isEmpty() ? session.question() : query, doubt.trigger(theta)));
                Draft anew = session.draft(text, settings.ahead());
                if (anew != null) {
                    session.keep(text, anew, anew.firstSentence());
                }
            }
            draft = session.draft(text, settings.ahead());
        }
        return session.answer(text);
    }

    /** A word that the model needs to know more about. */
    private record Doubt(AttentionView view, Word word, int index, double value) {
        Trigger trigger(double theta) {
            return new Trigger(
                    "attention",
                    String.format(
                            Locale.ROOT, "the word \"%s\" has a RIND of %.4f, above %s", word.bare(), value, theta));
        }
    }

    /** The first one of a draft; null where there is none. */
    private static Doubt doubt(AttentionView view, Draft draft, ContentWords content, double theta) {
        int first = view.reading().first();
        List<Word> words = view.words();
        boolean[] telling = content.among(draft.text(), words);
        int from = 0;
        for (int end : draft.sentences()) {
            int to = from;
            while (to < words.size() && words.get(to).from() < first + end) {
                to++;
            }
            if (to > from) {
                List<Word> sentence = words.subList(from, to);
                double[] entropies =
                        new double[sentence.getLast().to() - sentence.getFirst().from()];
                double[] attention = new double[entropies.length];
                for (int i = 0; i < entropies.length; i++) {
                    int at = sentence.getFirst().from() + i;
                    entropies[i] = view.reading().entropies()[at - first];
                    attention[i] = view.reading().strongest(at);
                }
                double[] values = Rind.values(sentence, entropies, attention);
                int trigger = Rind.trigger(values, Arrays.copyOfRange(telling, from, to), theta);
                if (trigger >= 0) {
                    return new Doubt(view, sentence.get(trigger), from + trigger, values[trigger]);
                }
            }
            from = to;
        }
        return null;
    }

    private static String query(Doubt doubt, Draft draft, ContentWords content, int most) {
        AttentionView view = doubt.view();
        List<Word> words = new ArrayList<>(view.before());
        int shift = view.beforeText().length();
        view.words()
                .subList(0, doubt.index())
                .forEach(word -> words.add(new Word(word.text(), word.from(), word.to(), word.start() + shift)));
        boolean[] telling = content.among(view.beforeText() + draft.text(), words);
        int looking = doubt.word().from() - 1;
        return AttentionQuery.of(words, telling, at -> view.reading().mean(looking, at), most);
    }
}
