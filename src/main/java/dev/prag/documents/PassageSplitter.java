package dev.prag.documents;

import dev.prag.documents.TextBlock.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a text into passages of about 100 words: between sections, paragraphs, list items and table rows before it cuts
 * between sentences, and inside a sentence only where that alone is too long. Every passage is a piece of the
 * {@linkplain ReadableText readable text} as it stands; between two passages lies only white space.
 */
public final class PassageSplitter {
    /** Changes with what this class makes of a text: documents cut by another version can be cut again. */
    public static final int VERSION = 2;
    /** In the place of a version: the document is one passage, which no version cuts. */
    public static final int WHOLE = -1;
    /** What a passage aims at, in words. */
    static final int TARGET = 100;
    /** What a passage never exceeds, in words. */
    static final int MAX = 150;
    /**
     * What a passage never exceeds, in bytes of UTF-8. A token stands for at least a byte, so whatever its text is, a
     * passage with a prompt around it fits a context of 2,048 tokens.
     */
    static final int MAX_BYTES = 1500;
    /** From here on, a passage ends with its paragraph: an edit then seldom moves cuts beyond its own paragraph. */
    private static final int PARAGRAPH = 60;
    /**
     * What remains of a paragraph or of the text and is shorter than this joins the passage before if both fit; what is
     * longer is a passage where a heading follows.
     */
    private static final int TAIL = 30;
    /** Headings without a text between them take no more of a passage than this. */
    private static final int HEADINGS = 40;

    private static final int HEADING_BYTES = 500;
    private static final int LONGEST_PATH = 300;

    /** A bullet that CommonMark doesn't know, or a number inside a paragraph. */
    private static final Pattern BULLET =
            Pattern.compile("(?m)^[ \\t]*(?:[•‣◦▪●○⁃–—·*+-]|\\(?(?:\\d{1,3}|[a-zA-Z])[.)])[ \\t]+\\S");

    /**
     * A passage to be.
     *
     * @param headings the titles of the sections it is in, from the outermost, joined by {@code " > "}; empty if none
     */
    record Cut(String text, String headings) {}

    private final String text;
    private final List<TextBlock> blocks;
    private final Words words;
    private final Cuts cuts;
    private final List<Unit> units = new ArrayList<>();
    /** The first word of headings that wait for what they name; -1 if none does. */
    private int waiting = -1;

    private PassageSplitter(ReadableText readable) {
        this.text = readable.text();
        this.blocks = readable.blocks();
        this.words = new Words(text);
        this.cuts = new Cuts(text, words);
    }

    /** The passages' texts in order; none for a text of white space. */
    static List<String> split(String text) {
        return split(ReadableText.of(text)).stream().map(Cut::text).toList();
    }

    /** The passages in order; none for a text of white space. */
    static List<Cut> split(ReadableText readable) {
        return new PassageSplitter(readable).passages();
    }

    static boolean isSpace(int codePoint) {
        return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint) || codePoint == 0xFEFF;
    }

    /**
     * What is kept together: words {@code begin} to before {@code end}.
     *
     * @param opens whether it begins with the heading of a section
     * @param path titles of the sections that it is in
     */
    private record Unit(int begin, int end, boolean endsParagraph, boolean opens, int item, List<String> path) {}

    private boolean fits(int from, int to) {
        return to - from <= MAX && words.bytes(from, to) <= MAX_BYTES;
    }

    private List<Cut> passages() {
        findUnits();
        List<Integer> ends = new ArrayList<>();
        int from = 0;
        int to = 0;
        boolean paragraphIsCut = false;
        for (Unit unit : units) {
            int count = to - from;
            boolean nearer = Math.abs(unit.end() - from - TARGET) <= Math.abs(count - TARGET);
            boolean section = unit.opens() && count >= TAIL;
            if (count > 0 && (section || !nearer || !fits(from, unit.end()))) {
                ends.add(to);
                from = to;
                paragraphIsCut = !section && !unit.opens();
            }
            to = unit.end();
            if (unit.endsParagraph()) {
                if (paragraphIsCut && to - from < TAIL && fits(begin(ends, ends.size() - 1), to)) {
                    ends.set(ends.size() - 1, to);
                    from = to;
                } else if (to - from >= (paragraphIsCut ? TAIL : PARAGRAPH)) {
                    ends.add(to);
                    from = to;
                }
                paragraphIsCut = false;
            }
        }
        if (to > from) {
            if (!ends.isEmpty() && to - from < TAIL && fits(begin(ends, ends.size() - 1), to)) {
                ends.removeLast();
            }
            ends.add(to);
        }
        List<Cut> passages = new ArrayList<>();
        int unit = 0;
        for (int i = 0; i < ends.size(); i++) {
            List<String> path = null;
            while (unit < units.size() && units.get(unit).end() <= ends.get(i)) {
                path = path == null
                        ? units.get(unit).path()
                        : common(path, units.get(unit).path());
                unit++;
            }
            passages.add(new Cut(words.text(begin(ends, i), ends.get(i)), joined(path)));
        }
        return passages;
    }

    private static int begin(List<Integer> ends, int passage) {
        return passage == 0 ? 0 : ends.get(passage - 1);
    }

    private static List<String> common(List<String> one, List<String> other) {
        int same = 0;
        while (same < one.size() && same < other.size() && one.get(same).equals(other.get(same))) {
            same++;
        }
        return one.subList(0, same);
    }

    private static String joined(List<String> path) {
        String joined = String.join(" > ", path);
        return joined.length() <= LONGEST_PATH
                ? joined
                : joined.substring(0, joined.offsetByCodePoints(0, joined.codePointCount(0, LONGEST_PATH - 1))) + "…";
    }

    private void findUnits() {
        List<String> titles = new ArrayList<>();
        List<Integer> levels = new ArrayList<>();
        List<String> path = List.of();
        for (int i = 0; i < blocks.size(); i++) {
            TextBlock block = blocks.get(i);
            int begin = words.at(block.start());
            int end = words.at(block.end());
            if (block.kind() == Kind.HEADING) {
                if (waiting >= 0 && (end - waiting > HEADINGS || words.bytes(waiting, end) > HEADING_BYTES)) {
                    add(begin, true, 0, path);
                }
                while (!levels.isEmpty() && levels.getLast() >= block.level()) {
                    levels.removeLast();
                    titles.removeLast();
                }
                levels.add(block.level());
                titles.add(block.title());
                path = List.copyOf(titles);
                waiting = waiting < 0 ? begin : waiting;
                continue;
            }
            boolean last = i + 1 == blocks.size() || blocks.get(i + 1).group() != block.group();
            switch (block.kind()) {
                case CODE -> lines(begin, end, block.start(), true, last, block.item(), path);
                case ROWS ->
                    lines(begin, end, Tables.body(text, block.start(), block.end()), false, last, block.item(), path);
                default -> prose(begin, end, last, leadsIn(i), block.item(), path);
            }
        }
        add(words.count(), true, 0, path);
    }

    /** Whether the block ends with a colon, and a list, a table or the like follows. */
    private boolean leadsIn(int block) {
        int end = words.end(words.at(blocks.get(block).end()));
        return (text.charAt(end - 1) == ':' || text.charAt(end - 1) == '：')
                && block + 1 < blocks.size()
                && blocks.get(block + 1).kind() != Kind.HEADING;
    }

    private int unitsEnd() {
        return units.isEmpty() ? 0 : units.getLast().end();
    }

    /** The unit from the end of the one before. */
    private void add(int end, boolean endsParagraph, int item, List<String> path) {
        int begin = unitsEnd();
        if (end > begin) {
            units.add(new Unit(begin, end, endsParagraph, waiting >= 0, item, path));
        }
        waiting = -1;
    }

    /** A unit, or several where it is too long, cut as evenly as good places allow. */
    private void addCut(int body, int end, boolean endsParagraph, int item, List<String> path) {
        int begin = unitsEnd();
        while (!fits(begin, end)) {
            int byWords = (end - begin + TARGET - 1) / TARGET;
            int bytes = words.bytes(begin, end);
            int byBytes = (bytes + MAX_BYTES * 2 / 3 - 1) / (MAX_BYTES * 2 / 3);
            int target = byWords >= byBytes ? begin + (end - begin) / byWords : words.atBytes(begin, bytes / byBytes);
            int reach = (target - begin) * 2 / 5;
            int low = Math.clamp(target - reach, Math.min(Math.max(begin, body) + 1, end - 1), end - 1);
            int high = Math.clamp(target + reach, low, end - 1);
            while (high > low && !fits(begin, high)) {
                high--;
            }
            while (low > begin + 1 && !fits(begin, low)) {
                low--;
            }
            int cut = cuts.best(low, Math.max(low, high), Math.clamp(target, low, Math.max(low, high)));
            add(cut, false, item, path);
            begin = cut;
        }
        add(end, endsParagraph, item, path);
    }

    private void prose(int begin, int end, boolean last, boolean leadsIn, int item, List<String> path) {
        if (item > 0) {
            Unit before = units.isEmpty() ? null : units.getLast();
            if (before != null && waiting < 0 && before.item() == item && fits(before.begin(), end)) {
                units.removeLast();
                units.add(new Unit(before.begin(), end, last, before.opens(), item, path));
            } else {
                item(begin, end, last, item, path);
            }
            return;
        }
        List<Integer> bullets = bullets(begin, end);
        if (bullets.size() > 1) {
            if (bullets.getFirst() > begin) {
                sentences(begin, bullets.getFirst(), false, true, 0, path);
            }
            for (int i = 0; i < bullets.size(); i++) {
                boolean lastOne = i + 1 == bullets.size();
                item(bullets.get(i), lastOne ? end : bullets.get(i + 1), lastOne && last, 0, path);
            }
        } else {
            sentences(begin, end, last, leadsIn, item, path);
        }
    }

    private void item(int begin, int end, boolean last, int item, List<String> path) {
        if (fits(unitsEnd(), end)) {
            add(end, last, item, path);
        } else {
            sentences(begin, end, last, false, item, path);
        }
    }

    /** @param leadsIn whether the last sentence goes with what follows, as a heading does */
    private void sentences(int begin, int end, boolean last, boolean leadsIn, int item, List<String> path) {
        for (int to : cuts.sentences(begin, end)) {
            boolean waits =
                    leadsIn && to == end && to - unitsEnd() <= HEADINGS && words.bytes(unitsEnd(), to) <= HEADING_BYTES;
            if (!waits) {
                addCut(begin, to, to == end && last, item, path);
            }
        }
    }

    /** The words with which lines begin that look like items of a list. */
    private List<Integer> bullets(int begin, int end) {
        List<Integer> found = new ArrayList<>();
        int from = words.start(begin);
        int to = words.end(end);
        if (text.indexOf('\n', from, to) < 0) {
            return found;
        }
        Matcher bullet = BULLET.matcher(text).region(from, to);
        while (bullet.find()) {
            found.add(words.at(bullet.start()));
        }
        return found;
    }

    /**
     * Lines, each kept whole if it fits; what stands before {@code body} stays with the first behind it.
     *
     * @param fenced whether all of it is kept together if it fits, and the last line never stands alone
     */
    private void lines(int begin, int end, int body, boolean fenced, boolean last, int item, List<String> path) {
        if (fenced && fits(unitsEnd(), end)) {
            add(end, last, item, path);
            return;
        }
        List<Integer> ends = new ArrayList<>();
        int to = words.start(end);
        for (int line = Tables.next(text, body, to); line < to; line = Tables.next(text, line, to)) {
            int word = words.at(line);
            if (word > (ends.isEmpty() ? begin : ends.getLast()) && word < end) {
                ends.add(word);
            }
        }
        if (fenced && !ends.isEmpty()) {
            ends.removeLast();
            if (!ends.isEmpty()) {
                ends.removeFirst();
            }
        }
        ends.add(end);
        for (int next : ends) {
            addCut(begin, next, next == end && last, item, path);
        }
    }
}
