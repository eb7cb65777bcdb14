package dev.prag.database;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a database without the login that people write into it, so that whoever prints the address (a message,
 * a log, a library) gives nothing away.
 *
 * @param address without user and password
 * @param username the one in the address; null where there is none
 * @param password the one in the address; null where there is none
 */
public record DatabaseUrl(String address, String username, String password) {
    // Up to the last @ before the path: an @ in a password is often left as it is.
    private static final Pattern LOGIN =
            Pattern.compile("^([a-z0-9+.-]*:(?:[a-z0-9+.-]+:)?//)([^/?]*)@", Pattern.CASE_INSENSITIVE);
    private static final String HIDDEN = "***";

    /** Takes the login out of an address, {@code //user:password@} and {@code ?user=…&password=…} alike. */
    public static DatabaseUrl of(String url) {
        String username = null;
        String password = null;
        String rest = url;
        Matcher login = LOGIN.matcher(rest);
        if (login.find()) {
            String[] parts = login.group(2).split(":", 2);
            username = decode(parts[0]);
            password = parts.length > 1 ? decode(parts[1]) : null;
            rest = login.group(1) + rest.substring(login.end());
        }
        int query = rest.indexOf('?');
        if (query < 0) {
            return new DatabaseUrl(rest, username, password);
        }
        List<String> kept = new ArrayList<>();
        for (String parameter : rest.substring(query + 1).split("&")) {
            String[] parts = parameter.split("=", 2);
            String name = decode(parts[0]).toLowerCase(Locale.ROOT);
            String value = parts.length > 1 ? decode(parts[1]) : "";
            if (name.equals("user")) {
                username = value;
            } else if (name.equals("password")) {
                password = value;
            } else {
                kept.add(parameter);
            }
        }
        String address = rest.substring(0, query) + (kept.isEmpty() ? "" : "?" + String.join("&", kept));
        return new DatabaseUrl(address, username, password);
    }

    /** A text about it, such as an exception's message, without any password in it. */
    public String withoutSecrets(String text, String... secrets) {
        String clean = text == null ? "" : text;
        List<String> hidden = new ArrayList<>(Arrays.asList(secrets));
        hidden.add(password);
        for (String secret : hidden) {
            if (secret != null && !secret.isEmpty()) {
                clean = clean.replace(secret, HIDDEN);
            }
        }
        return clean;
    }

    /** The address as it may be shown: other passwords, such as that of a key, are hidden. */
    public String shown() {
        return address.replaceAll("(?i)((?:pass|pwd|secret|token)[a-z]*=)[^&]*", "$1" + HIDDEN);
    }

    /** Shows no password. */
    @Override
    public String toString() {
        return shown();
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
