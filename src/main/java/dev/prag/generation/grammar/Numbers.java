package dev.prag.generation.grammar;

import java.math.BigDecimal;
import java.util.Optional;

/**
 * Numbers within bounds as JSON writes them: whole ones of up to 18 digits, others of up to 18 digits before and 15 behind
 * the point; an exponent, of one or two digits, only where there are no bounds.
 *
 * @param whole whether only whole numbers count
 * @param least null where there is no bound
 * @param most null where there is no bound
 * @param multipleOf above 0, without zeros at its end; null where numbers may be any
 */
record Numbers(boolean whole, Bound least, Bound most, BigDecimal multipleOf) {
    /** The most that a number may be a multiple of, without its point: so many remainders are told apart. */
    static final int MOST_REMAINDERS = 1000;

    private static final int MOST_DIGITS = 18;
    static final int MOST_DECIMALS = 15;
    private static final int MOST_EXPONENT_DIGITS = 2;
    private static final State ANY =
            new Numbers(false, null, null, null).built(true).orElseThrow();
    private static final State ANY_WHOLE =
            new Numbers(true, null, null, null).built(true).orElseThrow();

    /** @param exclusive whether the value itself is out */
    record Bound(BigDecimal value, boolean exclusive) {}

    private enum Part {
        START,
        MINUS,
        ZERO,
        DIGITS,
        POINT,
        DECIMALS,
        E,
        E_SIGN,
        EXPONENT
    }

    /**
     * What was read.
     *
     * @param digits of the part, as far as their number counts
     * @param zero whether every digit was 0
     * @param toLeast sign of the difference to the lower bound's magnitude, digit by digit
     * @param toMost the same for the upper bound
     * @param remainder of all digits, those behind the point included, by those of {@link #multipleOf}
     */
    private record Read(Part part, boolean negative, int digits, boolean zero, int toLeast, int toMost, int remainder) {
        static Read of(Part part, boolean negative, int digits, boolean zero) {
            return new Read(part, negative, digits, zero, 0, 0, 0);
        }
    }

    /** Empty if there is no such number. */
    Optional<State> automaton() {
        return isBounded() ? built(false) : Optional.of(whole ? ANY_WHOLE : ANY);
    }

    private Optional<State> built(boolean common) {
        return Automata.explore(Read.of(Part.START, false, 0, true), this::step, this::fits, common);
    }

    private Read step(Read read, int b) {
        boolean digit = b >= '0' && b <= '9';
        return switch (read.part) {
            case START, MINUS -> {
                if (b == '-' && read.part == Part.START) {
                    yield Read.of(Part.MINUS, true, 0, true);
                }
                yield digit ? digit(read, b == '0' ? Part.ZERO : Part.DIGITS, b - '0') : null;
            }
            case ZERO, DIGITS -> {
                if (digit && read.part == Part.DIGITS && read.digits < mostDigits()) {
                    yield digit(read, Part.DIGITS, b - '0');
                }
                yield whole ? null : b == '.' ? point(read) : exponent(read, b);
            }
            case POINT, DECIMALS -> {
                if (digit) {
                    yield read.digits < mostDecimals() ? decimal(read, b - '0') : null;
                }
                yield read.part == Part.DECIMALS ? exponent(read, b) : null;
            }
            case E, E_SIGN, EXPONENT -> {
                if (digit && read.digits < MOST_EXPONENT_DIGITS) {
                    yield Read.of(Part.EXPONENT, false, read.digits + 1, false);
                }
                yield read.part == Part.E && (b == '+' || b == '-') ? Read.of(Part.E_SIGN, false, 0, false) : null;
            }
        };
    }

    private Read exponent(Read read, int b) {
        boolean may = !isBounded() && (b == 'e' || b == 'E');
        return may ? Read.of(Part.E, false, 0, false) : null;
    }

    private Read digit(Read read, Part part, int digit) {
        return new Read(
                part,
                read.negative,
                read.digits + 1,
                read.zero && digit == 0,
                next(read.toLeast, least, digit, whole(least), read.digits),
                next(read.toMost, most, digit, whole(most), read.digits),
                remainder(read, digit));
    }

    private Read decimal(Read read, int digit) {
        return new Read(
                Part.DECIMALS,
                read.negative,
                read.digits + 1,
                read.zero && digit == 0,
                next(read.toLeast, least, digit, decimals(least), read.digits),
                next(read.toMost, most, digit, decimals(most), read.digits),
                remainder(read, digit));
    }

    private Read point(Read read) {
        return new Read(
                Part.POINT,
                read.negative,
                0,
                read.zero,
                ofWhole(read, read.toLeast, least),
                ofWhole(read, read.toMost, most),
                read.remainder);
    }

    private int remainder(Read read, int digit) {
        return multipleOf == null
                ? 0
                : (10 * read.remainder + digit) % multipleOf.unscaledValue().intValueExact();
    }

    /** Whether a number that ends here is a multiple: zeros may be missing behind its point. */
    private boolean isMultiple(Read read) {
        int remainder = read.remainder;
        int missing = multipleOf == null ? 0 : multipleOf.scale() - (read.part == Part.DECIMALS ? read.digits : 0);
        for (int i = 0; i < missing && remainder != 0; i++) {
            remainder = 10 * remainder % multipleOf.unscaledValue().intValueExact();
        }
        return remainder == 0;
    }

    private boolean isBounded() {
        return least != null || most != null || multipleOf != null;
    }

    /** The first digit that differs decides; digits beyond the bound's stand against zeros. */
    private static int next(int before, Bound bound, int digit, String digits, int index) {
        if (before != 0 || bound == null) {
            return before;
        }
        int other = index < digits.length() ? digits.charAt(index) - '0' : 0;
        return Integer.compare(digit, other);
    }

    /** Of whole parts the longer one is larger. */
    private static int ofWhole(Read read, int difference, Bound bound) {
        if (bound == null) {
            return 0;
        }
        int length = whole(bound).length();
        return read.digits != length ? Integer.compare(read.digits, length) : difference;
    }

    private boolean fits(Read read) {
        if (!isBounded()) {
            return read.part == Part.ZERO
                    || read.part == Part.DIGITS
                    || read.part == Part.DECIMALS
                    || read.part == Part.EXPONENT;
        }
        boolean ended = read.part == Part.ZERO || read.part == Part.DIGITS || read.part == Part.DECIMALS;
        return ended
                && isMultiple(read)
                && !(read.negative && read.zero)
                && (least == null || holds(compare(read, read.toLeast, least), least.exclusive))
                && (most == null || holds(-compare(read, read.toMost, most), most.exclusive));
    }

    private static boolean holds(int above, boolean exclusive) {
        return exclusive ? above > 0 : above >= 0;
    }

    /** The sign of the difference of what was read and the bound. */
    private int compare(Read read, int difference, Bound bound) {
        boolean negativeBound = bound.value.signum() < 0;
        if (read.negative != negativeBound) {
            return read.negative ? -1 : 1;
        }
        int magnitude = read.part == Part.DECIMALS ? difference : ofWhole(read, difference, bound);
        int known = read.part == Part.DECIMALS ? read.digits : 0;
        String decimals = decimals(bound);
        if (magnitude == 0
                && decimals.length() > known
                && !decimals.substring(known).matches("0*")) {
            magnitude = -1;
        }
        return read.negative ? -magnitude : magnitude;
    }

    private int mostDigits() {
        return Math.max(MOST_DIGITS, Math.max(whole(least).length(), whole(most).length()));
    }

    private int mostDecimals() {
        if (multipleOf != null) {
            return multipleOf.scale();
        }
        return Math.max(
                MOST_DECIMALS, Math.max(decimals(least).length(), decimals(most).length()) + 1);
    }

    private static String whole(Bound bound) {
        return bound == null ? "" : bound.value.abs().toBigInteger().toString();
    }

    private static String decimals(Bound bound) {
        if (bound == null) {
            return "";
        }
        String plain = bound.value.abs().toPlainString();
        int point = plain.indexOf('.');
        return point < 0 ? "" : plain.substring(point + 1);
    }
}
