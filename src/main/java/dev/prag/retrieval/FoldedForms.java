package dev.prag.retrieval;

import java.io.IOException;
import org.apache.lucene.analysis.TokenFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.icu.ICUFoldingFilter;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.PositionIncrementAttribute;

/**
 * Adds to each word its form without diacritics, at the same place: Capkova finds Čapková, and Čapková itself is found
 * before it.
 */
final class FoldedForms extends TokenFilter {
    private final CharTermAttribute word = addAttribute(CharTermAttribute.class);
    private final PositionIncrementAttribute increment = addAttribute(PositionIncrementAttribute.class);
    private String folded;
    private State state;

    FoldedForms(TokenStream words) {
        super(words);
    }

    @Override
    public boolean incrementToken() throws IOException {
        if (folded != null) {
            restoreState(state);
            word.setEmpty().append(folded);
            increment.setPositionIncrement(0);
            folded = null;
            return true;
        }
        if (!input.incrementToken()) {
            return false;
        }
        if (!IndexedText.isAscii(word)) {
            String form = ICUFoldingFilter.NORMALIZER.normalize(word);
            if (!form.isEmpty() && !form.contentEquals(word)) {
                folded = form;
                state = captureState();
            }
        }
        return true;
    }

    @Override
    public void reset() throws IOException {
        super.reset();
        folded = null;
        state = null;
    }
}
