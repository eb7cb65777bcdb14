package dev.prag.rest;

import dev.prag.access.Principal;
import dev.prag.access.Role;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Which role a request needs, by its path and method. What isn't named here needs the role ask. */
final class Doors {
    private static final List<String> WITHOUT_LOGIN = List.of("/whoami", "/login", "/logout");

    private static final Pattern PARAMETERS = Pattern.compile(";[^/]*");
    private static final Pattern SLASHES = Pattern.compile("/{2,}");

    private final boolean metricsNeedLogin;

    /** @param metricsNeedLogin whether metrics are for administrators alone */
    Doors(boolean metricsNeedLogin) {
        this.metricsNeedLogin = metricsNeedLogin;
    }

    /**
     * The path by which a resource is found: without matrix parameters ({@code /documents;x=1}) and the slash at the end,
     * which resources don't see. Whoever decides by the path decides by this one.
     */
    static String plain(RoutingContext request) {
        return plain(request.normalizedPath());
    }

    static String plain(String path) {
        String plain = SLASHES.matcher(PARAMETERS.matcher(path).replaceAll("")).replaceAll("/");
        return plain.length() > 1 && plain.endsWith("/") ? plain.substring(0, plain.length() - 1) : plain;
    }

    /** Whether anybody gets an answer there. */
    boolean isOpen(String path) {
        return PageFiles.isPage(path)
                || WITHOUT_LOGIN.contains(path)
                || path.startsWith("/q/") && !(metricsNeedLogin && path.startsWith("/q/metrics"));
    }

    /** The roles of which one suffices; {@link Role#ADMIN} always does. */
    Set<Role> needed(String method, String path) {
        boolean documents = path.equals("/documents") || path.startsWith("/documents/");
        if (documents && !reads(method)) {
            return Set.of(Role.WRITE);
        }
        if (documents || path.startsWith("/passages/") || path.equals("/encoding") || path.equals("/service")) {
            return Set.of(Role.ASK, Role.WRITE);
        }
        if (path.startsWith("/deletions/")) {
            return Set.of(Role.WRITE);
        }
        if (path.startsWith("/q/")) {
            return Set.of(Role.ADMIN);
        }
        return Set.of(Role.ASK);
    }

    boolean opensFor(Principal caller, String method, String path) {
        return needed(method, path).stream().anyMatch(caller::may);
    }

    /** What the caller lacks, as a sentence. */
    String refusal(Principal caller, String method, String path) {
        String roles = needed(method, path).stream()
                .sorted()
                .map(role -> role.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(" or "));
        return caller.name() + " may not do this: it needs the role " + roles;
    }

    private static boolean reads(String method) {
        return method.equals("GET") || method.equals("HEAD");
    }
}
