package dev.prag.documents;

import dev.prag.documents.TextBlock.Kind;
import java.util.List;

/**
 * What of a document's text is read: all but {@link NonText} and HTML comments that stand as blocks of their own.
 *
 * @param text what is cut into passages; may be blank
 * @param blocks of that text
 * @param notes what was left out and is to be told, in sentences; comments aren't
 */
record ReadableText(String text, List<TextBlock> blocks, List<String> notes) {
    private static final String COMMENT_END = "-->";

    static ReadableText of(String whole) {
        NonText kept = NonText.removedFrom(whole);
        String text = kept.text();
        List<TextBlock> blocks = TextBlocks.of(text);
        if (blocks.stream().anyMatch(block -> block.kind() == Kind.COMMENT)) {
            text = withoutComments(text, blocks);
            blocks = TextBlocks.of(text);
        }
        return new ReadableText(text, blocks, kept.notes());
    }

    /** Whether nothing is left to read. */
    boolean isBlank() {
        return text.codePoints().allMatch(PassageSplitter::isSpace);
    }

    /** A comment that isn't closed is text. */
    private static String withoutComments(String text, List<TextBlock> blocks) {
        StringBuilder left = new StringBuilder();
        int copied = 0;
        for (TextBlock block : blocks) {
            if (block.kind() == Kind.COMMENT) {
                int from = text.indexOf("<!--", block.start());
                int end = from < 0 ? -1 : text.indexOf(COMMENT_END, from, block.end());
                if (end >= 0) {
                    left.append(text, copied, from);
                    copied = end + COMMENT_END.length();
                }
            }
        }
        return left.append(text, copied, text.length()).toString();
    }
}
