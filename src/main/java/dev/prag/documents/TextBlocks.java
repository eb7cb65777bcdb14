package dev.prag.documents;

import dev.prag.documents.TextBlock.Kind;
import java.util.ArrayList;
import java.util.List;
import org.commonmark.node.Block;
import org.commonmark.node.Document;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.ListItem;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;
import org.commonmark.node.SourceSpan;
import org.commonmark.node.Text;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;

/**
 * The blocks of a text as CommonMark sees them, with tables beside. Any text is read so: most that isn't Markdown is
 * paragraphs. The parser gets the text in chunks and without absurd nesting, so that time and memory stay linear.
 */
final class TextBlocks {
    private static final int CHUNK = 1 << 14;
    /** Of quotes and lists that a single line opens. */
    private static final int DEEPEST = 20;
    /** What is longer isn't a heading, but a paragraph with a line below it. */
    private static final int LONGEST_HEADING = 300;

    /** Of inline markup nothing is parsed; a heading keeps its line. */
    private static final Parser PARSER = Parser.builder()
            .includeSourceSpans(IncludeSourceSpans.BLOCKS)
            .inlineParserFactory(context -> (lines, node) -> {
                if (node instanceof Heading) {
                    node.appendChild(new Text(lines.getContent()));
                }
            })
            .build();

    private final String text;
    private final List<TextBlock> blocks = new ArrayList<>();
    /** Behind the last line that is in a block or was passed over as blank. */
    private int covered;

    private int groups;
    private int items;
    private boolean commentsEnd = true;

    private TextBlocks(String text) {
        this.text = text;
    }

    /** The blocks of the text in order; they hold all of it but white space. */
    static List<TextBlock> of(String text) {
        TextBlocks found = new TextBlocks(text);
        int from = 0;
        while (from < text.length()) {
            from = found.parse(from, found.chunkEnd(from));
        }
        return found.blocks;
    }

    private int chunkEnd(int from) {
        return from + CHUNK >= text.length() ? text.length() : lineEnd(from + CHUNK);
    }

    private int lineEnd(int at) {
        for (int i = at; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n' || (c == '\r' && (i + 1 == text.length() || text.charAt(i + 1) != '\n'))) {
                return i + 1;
            }
        }
        return text.length();
    }

    private int lineStart(int at) {
        int i = at;
        while (i > covered && text.charAt(i - 1) != '\n' && text.charAt(i - 1) != '\r') {
            i--;
        }
        return i;
    }

    /** Takes the blocks of a chunk; the last may go on behind it and is left to the next. Returns where that begins. */
    private int parse(int from, int to) {
        Node document = PARSER.parse(tamed(from, to));
        Node last = document.getLastChild();
        boolean more = to < text.length();
        for (Node node = document.getFirstChild(); node != null; node = node.getNext()) {
            if (more && node == last && node != document.getFirstChild() && hasPlace(node)) {
                int start = lineStart(from + start(node));
                fill(start);
                return start;
            }
            groups++;
            leaves(node, from);
        }
        int end = more ? afterOpen(last, to) : to;
        if (end > to) {
            TextBlock open = blocks.removeLast();
            blocks.add(new TextBlock(open.start(), end, open.kind(), 0, null, open.item(), open.group()));
        }
        covered = end > to ? end : covered;
        fill(end);
        return end;
    }

    /** Where the code or comment ends that is still open at the end of a chunk and fills it. */
    private int afterOpen(Node last, int to) {
        if (last instanceof FencedCodeBlock code && code.getClosingFenceLength() == null) {
            String fence = code.getFenceCharacter().repeat(code.getOpeningFenceLength());
            for (int line = to; line < text.length(); line = lineEnd(line)) {
                String content = text.substring(line, Math.min(lineEnd(line), line + 200))
                        .strip();
                if (content.startsWith(fence)
                        && content.replace(code.getFenceCharacter(), "").isEmpty()) {
                    return lineEnd(line);
                }
            }
            return text.length();
        }
        if (last instanceof HtmlBlock html
                && isComment(html.getLiteral())
                && !html.getLiteral().contains("-->")) {
            int end = commentsEnd ? text.indexOf("-->", to) : -1;
            commentsEnd = end >= 0;
            return end < 0 ? to : lineEnd(end);
        }
        return to;
    }

    private void leaves(Node top, int from) {
        Node node = top;
        int item = 0;
        List<Integer> outer = new ArrayList<>();
        while (node != null) {
            boolean enters = node instanceof ListItem && node.getFirstChild() != null;
            if (enters) {
                outer.add(item);
                item = ++items;
            }
            Node child = node.getFirstChild();
            if (child instanceof Block) {
                node = child;
                continue;
            }
            leaf(node, from, item);
            while (node != top && node.getNext() == null) {
                node = node.getParent();
                if (node instanceof ListItem) {
                    item = outer.removeLast();
                }
            }
            node = node == top ? null : node.getNext();
        }
    }

    private void leaf(Node node, int from, int item) {
        if (!hasPlace(node)) {
            return;
        }
        int start = Math.max(covered, lineStart(from + start(node)));
        int end = lineEnd(Math.max(start, from + end(node) - 1));
        if (end <= covered || isBlank(start, end)) {
            return;
        }
        fill(start);
        int level = 0;
        String title = null;
        Kind kind = Kind.PROSE;
        if (node instanceof Heading heading
                && node.getParent() instanceof Document
                && node.getFirstChild() instanceof Text line
                && line.getLiteral().length() <= LONGEST_HEADING) {
            title = InlineMarkup.plain(line.getLiteral());
            if (!title.isEmpty()) {
                kind = Kind.HEADING;
                level = heading.getLevel();
            }
        } else if (node instanceof FencedCodeBlock) {
            kind = Kind.CODE;
        } else if (node instanceof HtmlBlock html && isComment(html.getLiteral())) {
            kind = Kind.COMMENT;
        } else if (node instanceof Paragraph && Tables.isTable(text, start, end)) {
            kind = Kind.ROWS;
        }
        blocks.add(new TextBlock(start, end, kind, level, kind == Kind.HEADING ? title : null, item, groups));
        covered = end;
    }

    /** What no block of the parser holds, such as definitions of links, is prose. */
    private void fill(int to) {
        if (!isBlank(covered, to)) {
            blocks.add(new TextBlock(covered, to, Kind.PROSE, 0, null, 0, ++groups));
        }
        covered = Math.max(covered, to);
    }

    private boolean isBlank(int from, int to) {
        for (int i = from; i < to; i++) {
            if (!PassageSplitter.isSpace(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isComment(String html) {
        return html.stripLeading().startsWith("<!--");
    }

    private static boolean hasPlace(Node node) {
        return !node.getSourceSpans().isEmpty();
    }

    private static int start(Node node) {
        return node.getSourceSpans().getFirst().getInputIndex();
    }

    private static int end(Node node) {
        SourceSpan last = node.getSourceSpans().getLast();
        return last.getInputIndex() + last.getLength();
    }

    /** The chunk, every line of which opens at most so many quotes and lists: where it would open more stands a letter. */
    private String tamed(int from, int to) {
        char[] tamed = null;
        for (int line = from; line < to; line = lineEnd(line)) {
            int at = line;
            int depth = 0;
            while (at < to) {
                char c = text.charAt(at);
                int marker = at;
                if (c == ' ' || c == '\t') {
                    at++;
                    continue;
                }
                while (marker < to && marker < at + 9 && Character.isDigit(text.charAt(marker))) {
                    marker++;
                }
                boolean opens = c == '>'
                        || (marker + 1 < to
                                && (marker == at ? "-*+" : ".)").indexOf(text.charAt(marker)) >= 0
                                && (text.charAt(marker + 1) == ' ' || text.charAt(marker + 1) == '\t'));
                if (!opens) {
                    break;
                }
                if (++depth > DEEPEST) {
                    tamed = tamed == null ? text.substring(from, to).toCharArray() : tamed;
                    tamed[at - from] = 'x';
                    break;
                }
                at = marker + 1;
            }
        }
        return tamed == null ? text.substring(from, to) : new String(tamed);
    }
}
