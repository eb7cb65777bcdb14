package dev.prag.rest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Which pages and names may ask. A browser sends requests for any page that it shows: to this service under a name of
 * the page's own (DNS rebinding), or across sites. The first is told by {@code Host}, the second by {@code Origin} and
 * {@code Sec-Fetch-Site} (Fetch Metadata). Programs other than browsers send neither and are not concerned.
 */
@ApplicationScoped
class Sites {
    /** No name can be rebound that is an address. */
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.%]+]");

    private final boolean checksHosts;
    private final boolean anyHost;
    private final Set<String> hosts;
    private final Set<String> origins;

    /**
     * @param bound address that is listened on
     * @param hosts names under which the service is asked, beside localhost and addresses; {@code *} for any
     * @param origins other sites whose pages may ask, as {@code https://portal.example}; {@code *} for any
     */
    @Inject
    Sites(
            @ConfigProperty(name = "quarkus.http.host") String bound,
            @ConfigProperty(name = "prag.rest.hosts") Optional<List<String>> hosts,
            @ConfigProperty(name = "prag.rest.origins") Optional<List<String>> origins) {
        this.hosts = lower(hosts);
        this.origins = lower(origins);
        this.anyHost = this.hosts.contains("*");
        // Who listens on other addresses than the loopback has names that only he knows.
        this.checksHosts = hosts.isPresent() || isLoopback(bound.toLowerCase(Locale.ROOT));
    }

    private static Set<String> lower(Optional<List<String>> names) {
        return names.orElse(List.of()).stream()
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Why a request is refused; empty if it isn't. */
    Optional<String> refusal(Request request) {
        String host = request.host() == null ? "" : request.host().strip().toLowerCase(Locale.ROOT);
        if (request.host() != null && checksHosts && !anyHost && !isOurs(name(host))) {
            return Optional.of("the host " + request.host() + " is not a name of this service; ask it as localhost, or"
                    + " add the name to prag.rest.hosts");
        }
        String origin =
                request.origin() == null ? null : request.origin().strip().toLowerCase(Locale.ROOT);
        if (origins.contains("*") || (origin != null && origins.contains(origin))) {
            return Optional.empty();
        }
        if (origin != null) {
            return authority(origin).filter(host::equals).isPresent()
                    ? Optional.empty()
                    : Optional.of("pages of " + request.origin() + " may not ask this service; add the origin to"
                            + " prag.rest.origins if they should");
        }
        // Without an origin a browser sends what a page embeds, and what a person opens: that nobody else can read.
        boolean foreign = "cross-site".equals(request.fetchSite()) || "same-site".equals(request.fetchSite());
        boolean opened = "navigate".equals(request.fetchMode()) && "GET".equals(request.method());
        return foreign && !opened
                ? Optional.of("another site's page asks; add its origin to prag.rest.origins if it should")
                : Optional.empty();
    }

    /** What of a request says who asks; all but the method may be null. */
    record Request(String method, String host, String origin, String fetchSite, String fetchMode) {}

    private boolean isOurs(String name) {
        return hosts.contains(name) || isLoopback(name) || ADDRESS.matcher(name).matches();
    }

    static boolean isLoopback(String name) {
        return name.equals("localhost")
                || name.endsWith(".localhost")
                || name.startsWith("127.") && ADDRESS.matcher(name).matches()
                || name.equals("::1")
                || name.equals("[::1]");
    }

    /** Without the port, and the dot that a full name may end with. */
    private static String name(String host) {
        int port = host.lastIndexOf(':');
        String name = port > host.lastIndexOf(']') ? host.substring(0, port) : host;
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    /** Host and port as a Host header has them; the scheme's own port is left out there. */
    private static Optional<String> authority(String origin) {
        try {
            URI parsed = new URI(origin);
            boolean web = "http".equals(parsed.getScheme()) || "https".equals(parsed.getScheme());
            return web ? Optional.ofNullable(parsed.getRawAuthority()) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
