package dev.prag.extraction;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.xml.sax.Attributes;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/**
 * Writes the XHTML that Tika's parsers make of a file as Markdown of headings, paragraphs, lists, code and tables, which
 * is what passages are cut from. Emphasis and links are their text alone.
 */
final class MarkdownHandler extends DefaultHandler {
    /** What isn't read, or isn't read there. */
    private static final Set<String> IGNORED =
            Set.of("head", "script", "style", "nav", "noscript", "template", "svg", "iframe", "select", "button");

    private static final Set<String> BLOCKS = Set.of(
            "p",
            "div",
            "section",
            "article",
            "main",
            "header",
            "footer",
            "aside",
            "blockquote",
            "body",
            "figure",
            "figcaption",
            "address",
            "dl",
            "dt",
            "dd",
            "form",
            "fieldset",
            "details",
            "summary",
            "center");

    /** Where a line of justified text was broken inside a word. */
    private static final Pattern HYPHEN = Pattern.compile("(?<=\\p{Ll}\\p{Ll})-\\n(?=\\p{Ll})");

    /** What an item begins with that says itself that it is one. */
    private static final String BULLETS = "·•▪◦‣";

    private static final int LONGEST_HEADING = 300;
    private static final int LONGEST_SLIDE_TITLE = 150;

    private final Format format;
    private final int most;
    private final StringBuilder out = new StringBuilder();
    private final StringBuilder block = new StringBuilder();
    private final List<Integer> pages = new ArrayList<>();
    private final Deque<int[]> lists = new ArrayDeque<>();
    /** What the next line of an item begins with; empty outside of items. */
    private String marker = "";

    private boolean lastWasItem;
    private String firstHeading;
    private MarkdownTable table;
    private int tables;
    private int ignored;
    private int code;
    private int seen;
    private int emptyPages;
    private boolean slideBegins;

    /** The text is longer than it may be; the message follows the file's name in a sentence. */
    static final class TooLongException extends SAXException {
        private static final long serialVersionUID = 1;

        TooLongException(int most) {
            super("is too large: its text has more than " + most
                    + " characters; cut it, or raise prag.corpus.max-document-bytes");
        }
    }

    /** @param most characters that the text may have */
    MarkdownHandler(Format format, int most) {
        this.format = format;
        this.most = most;
    }

    /** All that was written. */
    String text() {
        endBlock();
        return out.toString();
    }

    /** Where in the text pages begin. */
    List<Integer> pages() {
        return pages;
    }

    /** How many pages have no text. */
    int emptyPages() {
        return emptyPages + (isPageEmpty() ? 1 : 0);
    }

    /** The first heading of the first level; null if there is none. */
    String firstHeading() {
        return firstHeading;
    }

    @Override
    public void startElement(String uri, String local, String qualified, Attributes attributes) {
        String name = local.toLowerCase(Locale.ROOT);
        String kind = attributes.getValue("class");
        if (ignored > 0 || IGNORED.contains(name) || "slide-master-content".equals(kind)) {
            ignored++;
            return;
        }
        switch (name) {
            case "br" -> block.append('\n');
            case "hr" -> endBlock();
            case "h1", "h2", "h3", "h4", "h5", "h6" -> endBlock();
            case "pre" -> {
                endBlock();
                code++;
            }
            case "ul", "ol", "menu" -> {
                endBlock();
                lists.push(new int[] {name.equals("ol") ? 1 : 0});
            }
            case "li" -> {
                endBlock();
                marker = item();
            }
            case "table" -> {
                if (tables++ == 0) {
                    endBlock();
                    table = new MarkdownTable(format.isSheet());
                }
            }
            case "tr" -> {
                if (tables == 1) {
                    block.setLength(0);
                    table.startRow();
                }
            }
            case "td", "th" -> {
                if (tables == 1) {
                    block.setLength(0);
                } else {
                    block.append(' ');
                }
            }
            case "p" -> {
                endBlock();
                // So are items of Word named, where their style is one of lists.
                if (lists.isEmpty() && kind != null && kind.startsWith("list")) {
                    marker = "- ";
                }
            }
            default -> {
                if (BLOCKS.contains(name)) {
                    endBlock();
                    if (format.hasPages() && ("page".equals(kind) || "slide-content".equals(kind))) {
                        startPage();
                    }
                }
            }
        }
    }

    @Override
    public void endElement(String uri, String local, String qualified) {
        if (ignored > 0) {
            ignored--;
            return;
        }
        String name = local.toLowerCase(Locale.ROOT);
        switch (name) {
            case "h1", "h2", "h3", "h4", "h5", "h6" -> endHeading(name.charAt(1) - '0');
            case "pre" -> {
                endBlock();
                code = Math.max(0, code - 1);
            }
            case "ul", "ol", "menu" -> {
                endBlock();
                lists.poll();
            }
            case "li" -> {
                endBlock();
                marker = "";
            }
            case "p" -> {
                if (slideBegins && !block.toString().isBlank()) {
                    slideBegins = false;
                    endSlideTitle();
                }
                endBlock();
                if (lists.isEmpty()) {
                    marker = "";
                }
            }
            case "td", "th" -> {
                if (tables == 1) {
                    table.cell(block.toString());
                    block.setLength(0);
                }
            }
            case "tr" -> {
                if (tables == 1) {
                    table.endRow();
                }
            }
            case "table" -> {
                if (tables > 0 && --tables == 0) {
                    block.setLength(0);
                    append(String.join("\n", table.lines()).strip(), false);
                    table = null;
                }
            }
            default -> {
                if (BLOCKS.contains(name)) {
                    endBlock();
                }
            }
        }
    }

    @Override
    public void characters(char[] chars, int start, int length) throws SAXException {
        if (ignored == 0) {
            seen += length;
            if (seen > most) {
                throw new TooLongException(most);
            }
            // Where markup says what a line is, the file's own lines say nothing.
            boolean lines = code > 0 || format != Format.HTML && format != Format.EPUB;
            for (int i = start; i < start + length; i++) {
                char c = chars[i];
                // Other control characters are no text, and a database keeps no U+0000.
                block.append(c >= ' ' || c == '\t' || c == '\n' && lines ? c : ' ');
            }
        }
    }

    @Override
    public void ignorableWhitespace(char[] chars, int start, int length) throws SAXException {
        if (tables == 0) {
            characters(chars, start, length);
        }
    }

    /** What a slide begins with is its title, unless it is long. */
    private void endSlideTitle() {
        if (block.toString().strip().length() <= LONGEST_SLIDE_TITLE) {
            endHeading(1);
        }
    }

    private void startPage() {
        if (isPageEmpty()) {
            emptyPages++;
        }
        pages.add(out.length());
        slideBegins = format == Format.PPTX;
    }

    private boolean isPageEmpty() {
        return !pages.isEmpty() && pages.getLast() == out.length();
    }

    private String item() {
        int depth = Math.max(0, lists.size() - 1);
        int[] list = lists.peek();
        String sign = list == null || list[0] == 0 ? "- " : list[0]++ + ". ";
        return "  ".repeat(Math.min(depth, 8)) + sign;
    }

    private void endHeading(int level) {
        if (tables > 0) {
            block.append(' ');
            return;
        }
        String title = block.toString().replaceAll("\\s+", " ").strip();
        block.setLength(0);
        if (title.isEmpty()) {
            return;
        }
        if (title.length() > LONGEST_HEADING) {
            append(title, false);
            return;
        }
        if (level == 1 && firstHeading == null) {
            firstHeading = title;
        }
        append("#".repeat(level) + " " + title, false);
    }

    /** Writes the paragraph, item or code that is under way. */
    private void endBlock() {
        if (tables > 0) {
            block.append(' ');
            return;
        }
        if (code > 0) {
            String lines = block.toString().replace("```", "'''").stripTrailing();
            if (!lines.isBlank()) {
                append("```\n" + lines.replaceFirst("^\\n+", "") + "\n```", false);
            }
        } else {
            String lines = lines(block.toString());
            if (marker.equals("- ") && lines.length() > 2 && BULLETS.indexOf(lines.charAt(0)) >= 0) {
                lines = lines.substring(1).strip();
            }
            if (!lines.isEmpty()) {
                String indent = " ".repeat(marker.length());
                append(marker + lines.replace("\n", "\n" + indent), !marker.isEmpty());
                marker = indent;
            }
        }
        block.setLength(0);
    }

    private String lines(String text) {
        StringBuilder lines = new StringBuilder();
        String whole = format == Format.PDF ? HYPHEN.matcher(text).replaceAll("") : text;
        for (String line : whole.split("\n")) {
            String plain = line.replaceAll("[\\s\\u00A0]+", " ").strip();
            if (!plain.isEmpty()) {
                lines.append(lines.isEmpty() ? "" : "\n").append(plain);
            }
        }
        return lines.toString();
    }

    private void append(String text, boolean isItem) {
        if (text.isEmpty()) {
            return;
        }
        if (!out.isEmpty()) {
            out.append(isItem && lastWasItem ? "\n" : "\n\n");
        }
        out.append(text);
        lastWasItem = isItem;
    }
}
