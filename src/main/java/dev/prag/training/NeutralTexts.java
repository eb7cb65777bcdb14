package dev.prag.training;

import dev.prag.lora.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Texts on which adapters are to change nothing, and what the base model predicts there; made by {@link
 * Trainer#neutral} for one model. Where adapters are in force in answers alone, they are held to a text in pieces of an
 * answer's length, behind what the base model reads: so nearly every step has one, and none weighs much more than
 * another.
 */
public final class NeutralTexts {
    /** A text of fewer tokens says nothing. */
    static final int SHORTEST = 2;

    /** Tokens of a piece at most. */
    public static final int PIECE = 16;

    /**
     * A part of a text.
     *
     * @param ids of the text up to the piece's end
     * @param from which token on adapters are in force
     * @param prompt which the tokens before stand in
     * @param base what the base model predicts for the last of them
     */
    private record Piece(int[] ids, int from, BasePrompts.Prompt prompt, Foresight base) {}

    /** Of each text. */
    private final List<List<Piece>> texts;

    private NeutralTexts(List<List<Piece>> texts) {
        this.texts = texts;
    }

    /**
     * Cuts texts as the scope asks for.
     *
     * @param base for the tokens of each from its answer on, or from the second on where that begins earlier
     */
    static NeutralTexts of(List<Sample> texts, List<Foresight> base, Scope scope) {
        List<List<Piece>> all = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            int[] ids = texts.get(i).ids();
            all.add(
                    scope == Scope.PROMPT
                            ? List.of(new Piece(ids, 0, BasePrompts.Prompt.NONE, base.get(i)))
                            : pieces(ids, base.get(i)));
        }
        return new NeutralTexts(all);
    }

    private static List<Piece> pieces(int[] ids, Foresight base) {
        int tokens = base.tokens();
        int first = ids.length - tokens;
        int count = Math.ceilDiv(tokens, PIECE);
        // All of a text's pieces stand behind the keys and values of the same prompt, as far as these go.
        BasePrompts.Prompt prompt = BasePrompts.Prompt.of(ids, first + (count - 1) * tokens / count - 1);
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int start = i * tokens / count;
            int end = (i + 1) * tokens / count;
            int from = Scope.ANSWER.from(first + start);
            pieces.add(new Piece(
                    Arrays.copyOf(ids, first + end),
                    from,
                    from == 0 ? BasePrompts.Prompt.NONE : prompt,
                    base.part(start, end)));
        }
        return pieces;
    }

    /** What the base model has to read before. */
    List<BasePrompts.Prompt> prompts() {
        return texts.stream().flatMap(List::stream).map(Piece::prompt).toList();
    }

    /** Tokens that go through the model for what has its turn. */
    int tokens(int turn) {
        Piece piece = piece(turn);
        return piece.ids().length - piece.from();
    }

    /** What has its turn: a piece of each text, and then another one of each. */
    Lesson lesson(int turn, float weight) {
        Piece piece = piece(turn);
        return Lesson.neutral(piece.ids(), piece.from(), piece.prompt(), piece.base(), weight);
    }

    private Piece piece(int turn) {
        List<Piece> pieces = texts.get(turn % texts.size());
        return pieces.get(turn / texts.size() % pieces.size());
    }
}
