package dev.prag.llm;

import dev.prag.base.PatternBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts text into the pieces within which bytes may be merged. */
interface PreTokenizer {
    /** Hands over the pieces of a text that is not empty, in order; they are not empty either. */
    void split(String text, Consumer<String> pieces);

    /** What becomes of the matches of a pattern and of what lies between them. */
    enum Behavior {
        /** Each is a piece. */
        ISOLATED,
        /** Matches go away. */
        REMOVED,
        /** Each match belongs to what stands before it. */
        MERGED_WITH_PREVIOUS,
        /** Each match belongs to what follows. */
        MERGED_WITH_NEXT,
        /** Neighbouring matches are one piece. */
        CONTIGUOUS
    }

    /** One after the other, each on the pieces of the one before. */
    record Sequence(List<PreTokenizer> steps) implements PreTokenizer {
        @Override
        public void split(String text, Consumer<String> pieces) {
            split(0, text, pieces);
        }

        private void split(int step, String text, Consumer<String> pieces) {
            if (step == steps.size()) {
                pieces.accept(text);
            } else {
                steps.get(step).split(text, piece -> split(step + 1, piece, pieces));
            }
        }
    }

    /** Puts a space before a text that doesn't begin with one. */
    record PrefixSpace() implements PreTokenizer {
        @Override
        public void split(String text, Consumer<String> pieces) {
            pieces.accept(text.startsWith(" ") ? text : " " + text);
        }
    }

    /**
     * Cuts at the matches of a pattern.
     *
     * @param invert takes what lies between the matches for the matches
     */
    record Split(Pattern pattern, Behavior behavior, boolean invert) implements PreTokenizer {
        /** What a pattern may look at: hundreds of times what those of published models do. */
        private static final long FREE_STEPS = 10_000;

        private static final long STEPS_PER_CHARACTER = 2_000;

        private record Range(int start, int end, boolean match) {}

        @Override
        public void split(String text, Consumer<String> pieces) {
            for (Range range : arranged(ranges(text))) {
                pieces.accept(text.substring(range.start, range.end));
            }
        }

        /** The text as matches and what lies between them, nothing left out, without empty ones. */
        private List<Range> ranges(String text) {
            long steps = FREE_STEPS + STEPS_PER_CHARACTER * text.length();
            return PatternBudget.run(pattern, text, steps, "tokenizer.json", matcher -> ranges(text, matcher));
        }

        private List<Range> ranges(String text, Matcher matcher) {
            List<Range> ranges = new ArrayList<>();
            int done = 0;
            while (matcher.find()) {
                add(ranges, done, matcher.start(), invert);
                add(ranges, matcher.start(), matcher.end(), !invert);
                done = matcher.end();
            }
            add(ranges, done, text.length(), invert);
            return ranges;
        }

        private static void add(List<Range> ranges, int start, int end, boolean match) {
            if (start < end) {
                ranges.add(new Range(start, end, match));
            }
        }

        private List<Range> arranged(List<Range> ranges) {
            return switch (behavior) {
                case ISOLATED -> ranges;
                case REMOVED -> {
                    ranges.removeIf(Range::match);
                    yield ranges;
                }
                case CONTIGUOUS -> joined(ranges, (before, range) -> before.match == range.match);
                case MERGED_WITH_PREVIOUS -> joined(ranges, (before, range) -> range.match && !before.match);
                case MERGED_WITH_NEXT -> joined(ranges, (before, range) -> before.match && !range.match);
            };
        }

        private interface Joins {
            boolean test(Range before, Range range);
        }

        private static List<Range> joined(List<Range> ranges, Joins joins) {
            List<Range> joined = new ArrayList<>();
            Range before = null;
            for (Range range : ranges) {
                if (before != null && joins.test(before, range)) {
                    Range last = joined.removeLast();
                    joined.add(new Range(last.start, range.end, range.match));
                } else {
                    joined.add(range);
                }
                before = range;
            }
            return joined;
        }
    }
}
