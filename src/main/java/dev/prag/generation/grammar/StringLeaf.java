package dev.prag.generation.grammar;

/**
 * Within a JSON string (RFC 8259, section 7), its quotes among the bytes: whole characters in UTF-8, escapes, and
 * surrogates in pairs only.
 *
 * @param place where in a character or an escape it stands
 * @param least characters that have to come
 * @param most characters that may come
 */
record StringLeaf(Place place, int least, int most) implements Leaf {
    /** Where there is no bound. */
    static final int UNBOUNDED = Integer.MAX_VALUE;

    /** Characters that a token is taken to bring where many have to come. */
    private static final int PER_TOKEN = 4;

    private static final StringLeaf[] FREE = new StringLeaf[Place.values().length];

    static {
        for (Place place : Place.values()) {
            FREE[place.ordinal()] = new StringLeaf(place, 0, UNBOUNDED);
        }
    }

    /** Where a byte may stand, and how many more of the same character have to come at least. */
    enum Place {
        START(1),
        /** Between characters. */
        BODY(0),
        END(0),
        /** One, two, three more bytes of UTF-8. */
        LAST(1),
        LAST_TWO(2),
        LAST_THREE(3),
        /** After a first byte that bounds the second: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
        AFTER_E0(2),
        AFTER_ED(2),
        AFTER_F0(3),
        AFTER_F4(3),
        /** After a backslash. */
        ESCAPE(1),
        /** After \\u. */
        HEX_1(4),
        HEX_2(3),
        HEX_3(2),
        HEX_4(1),
        /** After \\ud, where a high surrogate may come. */
        HEX_2_D(3),
        HIGH_3(8),
        HIGH_4(7),
        /** After a high surrogate. */
        LOW_BACKSLASH(6),
        LOW_U(5),
        LOW_1(4),
        LOW_2(3),
        LOW_3(2),
        LOW_4(1);

        final int bytes;

        Place(int bytes) {
            this.bytes = bytes;
        }
    }

    /** Before the opening quote of a string of that many characters (Unicode code points). */
    static StringLeaf start(int least, int most) {
        return at(Place.START, least, most);
    }

    private static StringLeaf at(Place place, int least, int most) {
        return least == 0 && most == UNBOUNDED ? FREE[place.ordinal()] : new StringLeaf(place, least, most);
    }

    @Override
    public StringLeaf step(int b) {
        return switch (place) {
            case START -> b == '"' ? to(Place.BODY) : null;
            case BODY -> body(b);
            case END -> null;
            case LAST -> between(b, 0x80, 0xBF, Place.BODY);
            case LAST_TWO -> between(b, 0x80, 0xBF, Place.LAST);
            case LAST_THREE -> between(b, 0x80, 0xBF, Place.LAST_TWO);
            case AFTER_E0 -> between(b, 0xA0, 0xBF, Place.LAST);
            case AFTER_ED -> between(b, 0x80, 0x9F, Place.LAST);
            case AFTER_F0 -> between(b, 0x90, 0xBF, Place.LAST_TWO);
            case AFTER_F4 -> between(b, 0x80, 0x8F, Place.LAST_TWO);
            case ESCAPE -> b == 'u' ? to(Place.HEX_1) : "\"\\/bfnrt".indexOf(b) >= 0 ? to(Place.BODY) : null;
            case HEX_1 -> hex(b, 0, 15, b == 'd' || b == 'D' ? Place.HEX_2_D : Place.HEX_2);
            case HEX_2 -> hex(b, 0, 15, Place.HEX_3);
            case HEX_3 -> hex(b, 0, 15, Place.HEX_4);
            case HEX_4 -> hex(b, 0, 15, Place.BODY);
            // A low surrogate alone is no character.
            case HEX_2_D -> hex(b, 0, 11, Character.digit(b, 16) < 8 ? Place.HEX_3 : Place.HIGH_3);
            case HIGH_3 -> hex(b, 0, 15, Place.HIGH_4);
            case HIGH_4 -> hex(b, 0, 15, Place.LOW_BACKSLASH);
            case LOW_BACKSLASH -> b == '\\' ? to(Place.LOW_U) : null;
            case LOW_U -> b == 'u' ? to(Place.LOW_1) : null;
            case LOW_1 -> hex(b, 13, 13, Place.LOW_2);
            case LOW_2 -> hex(b, 12, 15, Place.LOW_3);
            case LOW_3 -> hex(b, 0, 15, Place.LOW_4);
            case LOW_4 -> hex(b, 0, 15, Place.BODY);
        };
    }

    private StringLeaf body(int b) {
        if (b == '"') {
            return least == 0 ? FREE[Place.END.ordinal()] : null;
        }
        if (most == 0) {
            return null;
        }
        Place next =
                switch (b) {
                    case '\\' -> Place.ESCAPE;
                    case 0xE0 -> Place.AFTER_E0;
                    case 0xED -> Place.AFTER_ED;
                    case 0xF0 -> Place.AFTER_F0;
                    case 0xF4 -> Place.AFTER_F4;
                    default ->
                        b < 0x20
                                ? null
                                : b < 0x80
                                        ? Place.BODY
                                        : b < 0xC2
                                                ? null
                                                : b < 0xE0
                                                        ? Place.LAST
                                                        : b < 0xF0
                                                                ? Place.LAST_TWO
                                                                : b < 0xF4 ? Place.LAST_THREE : null;
                };
        return next == null ? null : at(next, Math.max(0, least - 1), most == UNBOUNDED ? most : most - 1);
    }

    private StringLeaf between(int b, int low, int high, Place next) {
        return b >= low && b <= high ? to(next) : null;
    }

    private StringLeaf hex(int b, int low, int high, Place next) {
        int digit = b < 0x80 ? Character.digit(b, 16) : -1;
        return digit >= low && digit <= high ? to(next) : null;
    }

    private StringLeaf to(Place next) {
        return at(next, least, most);
    }

    @Override
    public boolean accepting() {
        return place == Place.END;
    }

    @Override
    public boolean open() {
        return place != Place.END;
    }

    @Override
    public int cost() {
        return cost(place, least);
    }

    /** Of a leaf at that place, where so many characters have to come. */
    static int cost(Place place, int least) {
        int quote = place == Place.END ? 0 : 1;
        return Costs.sum(place.bytes + quote, Math.ceilDiv(least, PER_TOKEN));
    }

    /** Counts beyond the longest token make no difference to any; how they divide does to the cost. */
    @Override
    public Leaf alike(int longest) {
        int enough = (longest / PER_TOKEN + 2) * PER_TOKEN;
        int fewer = least <= enough + PER_TOKEN ? least : enough + least % PER_TOKEN;
        return at(place, fewer, most > enough ? UNBOUNDED : most);
    }

    @Override
    public boolean common() {
        return true;
    }
}
