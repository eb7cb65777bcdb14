package dev.prag.documents;

import java.util.ArrayList;
import java.util.List;

/**
 * A text without what nobody reads: the bytes of embedded files (data URIs, blocks of base64 or hexadecimal lines) and
 * runs of hundreds of ASCII characters without a space, such as minified code. Takes time linear in the text.
 *
 * @param text what is left, otherwise as it stood
 * @param dataUris how many data URIs were left out
 * @param runs how many other runs were left out
 * @param characters how many characters all of them had
 */
record NonText(String text, int dataUris, int runs, int characters) {
    /** A data URI of up to so many characters stays: texts about them show such. */
    private static final int SHORT_URI = 100;
    /** An ASCII run of up to so many characters stays: long enough for most addresses. */
    private static final int LONGEST_RUN = 300;
    /** Encoded lines are wrapped at 57 to 76 characters. */
    private static final int ENCODED_LINE = 56;

    private static final int ENCODED_LINES = 3;
    private static final int LONGEST_MEDIA_TYPE = 200;

    static NonText removedFrom(String text) {
        Remover uris = new Remover(text);
        uris.dataUris();
        String without = uris.result();
        Remover others = new Remover(without);
        others.runs();
        String left = others.result();
        return new NonText(left, uris.pieces, others.pieces, text.length() - left.length());
    }

    /** What is to be told of it; empty if nothing was left out. */
    List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (dataUris + runs > 0) {
            List<String> kinds = new ArrayList<>();
            if (dataUris > 0) {
                kinds.add(dataUris + (dataUris == 1 ? " data URI" : " data URIs"));
            }
            if (runs > 0) {
                kinds.add(runs + (runs == 1 ? " run" : " runs") + " of characters that is no text");
            }
            notes.add("left out " + String.join(" and ", kinds) + ", " + characters + " characters together");
        }
        return notes;
    }

    /** Copies what stays. */
    private static final class Remover {
        private final String text;
        private final StringBuilder left = new StringBuilder();
        private int copied;
        private int pieces;

        Remover(String text) {
            this.text = text;
        }

        String result() {
            return pieces == 0 ? text : left.append(text, copied, text.length()).toString();
        }

        private void remove(int from, int to) {
            left.append(text, copied, from);
            copied = to;
            pieces++;
        }

        void dataUris() {
            int at = text.indexOf("data:");
            while (at >= 0) {
                int end = at > 0 && Character.isLetterOrDigit(text.charAt(at - 1)) ? at : dataUri(at);
                if (end - at > SHORT_URI) {
                    remove(at, end);
                }
                at = text.indexOf("data:", Math.max(end, at + 5));
            }
        }

        /** Where the data URI ends that begins here; {@code at} if it is none. */
        private int dataUri(int at) {
            int comma = at + 5;
            int most = Math.min(text.length(), comma + LONGEST_MEDIA_TYPE);
            while (comma < most && isMediaType(text.charAt(comma))) {
                comma++;
            }
            if (comma >= most || text.charAt(comma) != ',') {
                return at;
            }
            if (text.regionMatches(true, Math.max(at, comma - 7), ";base64", 0, 7)) {
                return encoded(comma + 1);
            }
            char before = at == 0 ? ' ' : text.charAt(at - 1);
            boolean quoted = before == '"' || before == '\'';
            int end = comma + 1;
            while (end < text.length()) {
                char c = text.charAt(end);
                if (quoted ? c == before || c == '\n' : c <= ' ' || "\"'<>)".indexOf(c) >= 0) {
                    break;
                }
                end++;
            }
            return end;
        }

        private static boolean isMediaType(char c) {
            return c < 128 && (Character.isLetterOrDigit(c) || "/+.;=_-!#$&^*".indexOf(c) >= 0);
        }

        /** Where base64 ends that begins here, over line breaks if what follows is a whole line of it. */
        private int encoded(int from) {
            int end = from;
            while (true) {
                while (end < text.length() && (isEncoded(text.charAt(end)) || "_-%".indexOf(text.charAt(end)) >= 0)) {
                    end++;
                }
                int next = end;
                while (next < text.length() && text.charAt(next) <= ' ') {
                    next++;
                }
                int line = next;
                while (line < text.length() && isEncoded(text.charAt(line))) {
                    line++;
                }
                if (next == end || line - next < ENCODED_LINE) {
                    return end;
                }
                end = line;
            }
        }

        private static boolean isEncoded(char c) {
            return c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || c == '+'
                    || c == '/'
                    || c == '=';
        }

        void runs() {
            int line = 0;
            while (line < text.length()) {
                int end = lineEnd(line);
                int to = line;
                int lines = 0;
                while (to < text.length() && isEncodedLine(to, ENCODED_LINE)) {
                    lines++;
                    to = lineEnd(to);
                }
                if (lines >= ENCODED_LINES) {
                    // The last line of a block is shorter; a word alone on its line is lost so, hardly ever.
                    if (to < text.length() && isEncodedLine(to, 1)) {
                        to = lineEnd(to);
                    }
                    remove(line, to);
                    line = to;
                } else if (lines > 0) {
                    for (int at = line; at < to; at = lineEnd(at)) {
                        runs(at, lineEnd(at));
                    }
                    line = to;
                } else {
                    runs(line, end);
                    line = end;
                }
            }
        }

        private int lineEnd(int from) {
            int end = text.indexOf('\n', from);
            return end < 0 ? text.length() : end + 1;
        }

        /** Whether the line that begins here is one word of base64 or hexadecimal digits with so many characters. */
        private boolean isEncodedLine(int from, int least) {
            int at = from;
            while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
                at++;
            }
            int begin = at;
            while (at < text.length() && isEncoded(text.charAt(at))) {
                at++;
            }
            int length = at - begin;
            while (at < text.length() && text.charAt(at) <= ' ' && text.charAt(at) != '\n') {
                at++;
            }
            return length >= least && (at == text.length() || text.charAt(at) == '\n');
        }

        private void runs(int from, int to) {
            int at = from;
            while (at < to) {
                int begin = at;
                while (at < to && text.charAt(at) > ' ' && text.charAt(at) < 127) {
                    at++;
                }
                if (at - begin > LONGEST_RUN) {
                    run(begin, at);
                }
                at = Math.max(at, begin + 1);
            }
        }

        /** Of a long run that holds an address only the address goes, if that is what is long. */
        private void run(int from, int to) {
            int begin = from;
            while (to - begin > LONGEST_RUN) {
                int scheme = text.indexOf("://", begin);
                if (scheme < 0 || scheme >= to) {
                    remove(begin, to);
                    return;
                }
                int url = scheme;
                while (url > begin && Character.isLetter(text.charAt(url - 1))) {
                    url--;
                }
                int end = scheme;
                while (end < to && ")>]\"'".indexOf(text.charAt(end)) < 0) {
                    end++;
                }
                if (url - begin > LONGEST_RUN) {
                    remove(begin, url);
                }
                if (end - url > LONGEST_RUN) {
                    remove(url, end);
                }
                begin = end;
            }
        }
    }
}
