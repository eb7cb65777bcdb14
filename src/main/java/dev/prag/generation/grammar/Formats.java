package dev.prag.generation.grammar;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Formats of JSON Schema (2020-12, validation, section 7.3) as patterns. What is written fits the format; some of its rarer
 * forms are never written.
 */
final class Formats {
    private static final String YEAR = "[0-9]{4}";
    private static final String LEAP_YEAR =
            "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
    private static final String DATE = "(?:" + YEAR + "-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
            + "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))|" + LEAP_YEAR + "-02-29)";
    private static final String HOURS = "(?:[01][0-9]|2[0-3])";
    private static final String TIME =
            HOURS + ":[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-](?:0[0-9]|1[0-7]):[0-5][0-9])";
    private static final String NUMBER = "[0-9]{1,9}";
    private static final String DAYS = "(?:" + NUMBER + "Y(?:" + NUMBER + "M(?:" + NUMBER + "D)?)?|" + NUMBER + "M(?:"
            + NUMBER + "D)?|" + NUMBER + "D)";
    private static final String SECONDS = "T(?:" + NUMBER + "H(?:" + NUMBER + "M(?:" + NUMBER + "S)?)?|" + NUMBER
            + "M(?:" + NUMBER + "S)?|" + NUMBER + "S)";
    private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9]|-[A-Za-z0-9]){0,30}";
    /** The last part has no digits, so that it isn't taken for a number. */
    private static final String TOP = "[A-Za-z]{2,12}";

    private static final String HOST = "(?:" + LABEL + "\\.){0,3}" + TOP;
    private static final String WORD = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}";
    private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String GROUP = "[0-9A-Fa-f]{1,4}";
    private static final String CHARACTER = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";
    private static final String REST = "(?:/(?:" + CHARACTER + "|/){0,100})?(?:\\?(?:" + CHARACTER
            + "|[/?]){0,100})?(?:#(?:" + CHARACTER + "|[/?]){0,50})?";

    private static final Map<String, String> PATTERNS = Map.ofEntries(
            Map.entry("date-time", DATE + "T" + TIME),
            Map.entry("date", DATE),
            Map.entry("time", TIME),
            Map.entry("duration", "P(?:" + DAYS + "(?:" + SECONDS + ")?|" + SECONDS + "|" + NUMBER + "W)"),
            Map.entry("email", WORD + "(?:\\." + WORD + "){0,2}@(?:" + LABEL + "\\.){1,3}" + TOP),
            Map.entry("hostname", HOST),
            Map.entry("ipv4", OCTET + "(?:\\." + OCTET + "){3}"),
            Map.entry("ipv6", ipv6()),
            Map.entry(
                    "uri",
                    "(?:[A-Za-z][A-Za-z0-9+.-]{0,9}://" + HOST + "(?::[0-9]{1,4})?" + REST + "|(?:mailto|urn|tel):"
                            + CHARACTER + "{1,100})"),
            Map.entry("uuid", "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"));

    /** Those that bound nothing that a text says. */
    private static final Set<String> FREE = Set.of("password", "binary");

    private static final String INT_32 = "int32";

    /** Those of numbers, of OpenAPI; what is written fits all but the first whatever it is. */
    private static final Set<String> NUMBERS = Set.of(INT_32, "int64", "float", "double");

    private Formats() {}

    /** Eight groups, or fewer with one gap. */
    private static String ipv6() {
        StringBuilder forms = new StringBuilder("(?:(?:" + GROUP + ":){7}" + GROUP);
        for (int before = 0; before < 7; before++) {
            String head = before == 0 ? "::" : GROUP + "(?::" + GROUP + "){" + (before - 1) + "}::";
            forms.append("|").append(head).append("(?:" + GROUP + "(?::" + GROUP + "){0," + (6 - before) + "})?");
        }
        return forms + ")";
    }

    /** The pattern of the strings; empty where the format bounds nothing about them. */
    static String pattern(String format, Keywords keywords) {
        require(format, keywords);
        return PATTERNS.containsKey(format) ? "^" + PATTERNS.get(format) + "$" : "";
    }

    /** Whether numbers have to be whole ones of 32 bits. */
    static boolean isInt32(String format, Keywords keywords) {
        require(format, keywords);
        return format.equals(INT_32);
    }

    private static void require(String format, Keywords keywords) {
        if (!PATTERNS.containsKey(format) && !FREE.contains(format) && !NUMBERS.contains(format)) {
            throw keywords.wrong(
                    "the format " + format + " is not supported",
                    "give one of " + String.join(", ", new TreeSet<>(PATTERNS.keySet())) + ", or a pattern");
        }
    }
}
