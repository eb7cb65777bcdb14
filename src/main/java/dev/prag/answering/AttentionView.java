package dev.prag.answering;

import dev.prag.answering.words.Word;
import dev.prag.generation.AttentionReader;
import dev.prag.llm.LanguageModel;
import dev.prag.llm.StreamDecoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A draft as the model saw it while it wrote it: how uncertain it was before each token, where it looked, and the words of
 * the question and of the text so far with their places.
 *
 * @param reading of the draft's tokens
 * @param before the words of the question and of what was kept, in their order; their places in the text are those in
 *     {@code beforeText}
 * @param words of the draft; their places are those in its text
 */
record AttentionView(AttentionReader.Reading reading, List<Word> before, String beforeText, List<Word> words) {
    /**
     * Looks at a draft.
     *
     * @param prompt that it was written behind
     */
    static AttentionView of(
            AnswerService service, String question, int[] prompt, Text text, Draft draft, InForce inForce) {
        int first = prompt.length + text.size();
        int[] kept = text.ids();
        int[] ids = Arrays.copyOf(prompt, first + draft.size());
        System.arraycopy(kept, 0, ids, prompt.length, kept.length);
        for (int i = 0; i < draft.size(); i++) {
            ids[first + i] = draft.tokens().get(i).id();
        }
        AttentionReader.Reading reading = service.attention()
                .read(ids, first, inForce.composition(), inForce.scope().from(prompt.length));
        List<String> pieces = pieces(service.model(), prompt);
        List<Word> asked = asked(pieces, question);
        List<Word> written =
                Word.merge(text.tokens().stream().map(Draft.Token::text).toList(), prompt.length);
        List<Word> before = new ArrayList<>(asked);
        int shift = question.length() + 1;
        written.forEach(word -> before.add(new Word(word.text(), word.from(), word.to(), word.start() + shift)));
        return new AttentionView(
                reading,
                before,
                question + " " + text,
                Word.merge(draft.tokens().stream().map(Draft.Token::text).toList(), first));
    }

    /** The words of the question where it stands in the prompt; none where the template changes it. */
    private static List<Word> asked(List<String> pieces, String question) {
        String all = String.join("", pieces);
        int start = all.lastIndexOf(question);
        if (start < 0) {
            return List.of();
        }
        int end = start + question.length();
        return Word.merge(pieces, 0).stream()
                .filter(word -> word.start() >= start && word.start() < end)
                .map(word -> within(word, start, end))
                .toList();
    }

    /** A word of the question, which may have something of the template behind it. */
    private static Word within(Word word, int start, int end) {
        String text = word.text().substring(0, Math.min(word.text().length(), end - word.start()));
        return new Word(text, word.from(), word.to(), word.start() - start);
    }

    private static List<String> pieces(LanguageModel model, int[] ids) {
        StreamDecoder decoder = model.tokenizer().stream(false);
        return IntStream.of(ids).mapToObj(decoder::push).toList();
    }
}
