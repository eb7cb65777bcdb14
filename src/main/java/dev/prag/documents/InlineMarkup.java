package dev.prag.documents;

import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.HardLineBreak;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;

/** A line of Markdown as plain text: {@code *The* [Ferry](x)} is The Ferry. */
final class InlineMarkup {
    private static final Parser PARSER = Parser.builder().build();

    private InlineMarkup() {}

    /** The line without emphasis, links and tags, its white space single. */
    static String plain(String line) {
        StringBuilder plain = new StringBuilder();
        // Behind a heading's mark nothing else is a block.
        PARSER.parse("# " + line.replaceAll("\\s+", " ")).accept(new AbstractVisitor() {
            @Override
            public void visit(Text text) {
                plain.append(text.getLiteral());
            }

            @Override
            public void visit(Code code) {
                plain.append(code.getLiteral());
            }

            @Override
            public void visit(HtmlInline tag) {
                // Tags aren't words.
            }

            @Override
            public void visit(SoftLineBreak newline) {
                plain.append(' ');
            }

            @Override
            public void visit(HardLineBreak newline) {
                plain.append(' ');
            }
        });
        return plain.toString().replaceAll("\\s+", " ").strip();
    }
}
