package dev.prag.adapterstore;

import dev.prag.base.UserException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/** Where adapters last, as the setting {@code prag.store.url} names it. */
sealed interface StoreLocation {
    /** Files below a folder. */
    record Folder(Path path) implements StoreLocation {}

    /**
     * Objects of a bucket.
     *
     * @param prefix of their keys; empty, or ending in a slash
     */
    record Bucket(String name, String prefix) implements StoreLocation {}

    /**
     * Reads {@code file:DIR} or {@code s3://BUCKET/PREFIX}.
     *
     * @throws UserException naming the setting and what it may be
     */
    static StoreLocation of(String url) {
        int colon = url.indexOf(':');
        String scheme = colon < 0 ? "" : url.substring(0, colon).toLowerCase(Locale.ROOT);
        return switch (scheme) {
            case "file" -> folder(url, url.substring(colon + 1));
            case "s3" -> bucket(url);
            default -> throw refused(url, "it has to be file:DIR or s3://BUCKET/PREFIX");
        };
    }

    private static StoreLocation folder(String url, String rest) {
        // file:DIR, and file:///DIR as browsers write it.
        String path = rest.startsWith("//") ? rest.substring(2) : rest;
        if (path.isBlank() || (rest.startsWith("//") && !path.startsWith("/"))) {
            throw refused(url, "name a folder, as in file:/srv/adapters");
        }
        try {
            return new Folder(Path.of(path).toAbsolutePath().normalize());
        } catch (InvalidPathException e) {
            throw refused(url, "its path is none: " + e.getReason());
        }
    }

    private static StoreLocation bucket(String url) {
        URI parsed;
        try {
            parsed = new URI(url);
        } catch (URISyntaxException e) {
            throw refused(url, "it is no URL: " + e.getReason());
        }
        // An authority with anything but a name in it, such as a key and a secret, has no place in a setting.
        String bucket = parsed.getAuthority();
        if (bucket == null || !bucket.matches("[A-Za-z0-9][A-Za-z0-9._-]{1,62}")) {
            throw new UserException("prag.store.url names no bucket; it has to be s3://BUCKET/PREFIX, with the keys in "
                    + "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
        }
        if (parsed.getRawQuery() != null || parsed.getRawFragment() != null) {
            throw refused(url, "leave ? and # out");
        }
        String prefix = parsed.getPath().replaceAll("^/+|/+$", "");
        return new Bucket(bucket, prefix.isEmpty() ? "" : prefix + "/");
    }

    private static UserException refused(String url, String why) {
        return new UserException("prag.store.url is " + url + "; " + why);
    }
}
