package dev.prag.base;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes passwords out of what is shown. */
public final class Secrets {
    /** What stands between {@code //} and {@code @}: a user, and mostly a password. */
    private static final Pattern LOGIN = Pattern.compile("(//)[^/?#\\s]*@");
    /** A parameter whose name says that its value is secret, also where the name is percent-encoded in part. */
    private static final Pattern PARAMETER = Pattern.compile(
            "(?i)([?&;][^=&;#\\s]*(?:pass|pwd|secret|token|key|credential|%70|%50)[^=&;#\\s]*=)[^&;#\\s]*");

    private Secrets() {}

    /** The text with the logins and secret parameters of the URLs in it replaced by dots. */
    public static String hidden(String text) {
        String login = LOGIN.matcher(text).replaceAll("$1…@");
        return PARAMETER.matcher(login).replaceAll(match -> Matcher.quoteReplacement(match.group(1) + "…"));
    }

    /** The text without this very secret, wherever it stands in it. */
    public static String without(String text, String secret) {
        return text == null || secret == null || secret.isEmpty() ? text : text.replace(secret, "…");
    }
}
