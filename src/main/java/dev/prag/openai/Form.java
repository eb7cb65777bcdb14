package dev.prag.openai;

import dev.prag.answering.Answer;
import java.util.List;

/** The objects that an answer is told in: chats and texts have different ones. */
interface Form {
    /**
     * The whole answer.
     *
     * @param text of it, as a stream would have it
     */
    Object whole(Answer answer, String text, List<TokenTape.Entry> tokens);

    /** The chunks that a stream begins with. */
    List<Object> first();

    /** A chunk with the next piece of the text, and the tokens that begin in it. */
    Object next(String text, List<TokenTape.Entry> tokens);

    /** The chunks that a stream ends with. */
    List<Object> last(Answer answer);
}
