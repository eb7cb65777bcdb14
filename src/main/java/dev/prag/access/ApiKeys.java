package dev.prag.access;

import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The keys of services and scripts. They are looked up in the database each time, so that one that is revoked opens
 * nothing from then on, in whatever process.
 */
@ApplicationScoped
public class ApiKeys {
    /** What each key begins with: a login's tokens never do, and whoever finds one knows what it is. */
    public static final String PREFIX = "prag_";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final int BYTES = 32;
    private static final int SHOWN = PREFIX.length() + 6;
    private static final int MOST_GROUPS = 100;
    private static final int LONGEST_GROUP = 200;
    /** How exactly it is known when a key was last used. */
    private static final Duration USE = Duration.ofMinutes(5);

    private final SecureRandom random = new SecureRandom();

    @Inject
    KeyLookup lookup;

    /** Whether there were keys once; then there are for good. */
    private volatile boolean some;

    /**
     * Makes a key.
     *
     * @param name that no other key has or had
     * @param expires after that time; null for never
     * @return the key, which can't be found out again
     * @throws UserException naming what is wrong
     */
    public String create(String name, Set<Role> roles, Collection<String> groups, Duration expires) {
        check(name, roles, groups, expires);
        byte[] bits = new byte[BYTES];
        random.nextBytes(bits);
        String secret = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
        QuarkusTransaction.requiringNew().run(() -> {
            if (ApiKey.findById(name) != null) {
                throw new UserException(
                        UserException.Kind.CONFLICT,
                        "there is or was a key called " + name + "; give the new one a name of its own");
            }
            ApiKey key = new ApiKey();
            key.name = name;
            key.hash = hash(secret);
            key.prefix = secret.substring(0, SHOWN);
            key.roles = roles.stream()
                    .map(role -> role.name().toLowerCase(Locale.ROOT))
                    .sorted()
                    .toList();
            key.groups = groups.stream().distinct().sorted().toList();
            key.createdAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            key.expiresAt = expires == null ? null : key.createdAt.plus(expires);
            key.persist();
        });
        return secret;
    }

    private static void check(String name, Set<Role> roles, Collection<String> groups, Duration expires) {
        if (name == null || !NAME.matcher(name).matches()) {
            throw new UserException("\"" + name
                    + "\" can't be the name of a key; give up to 64 letters, digits, dots, dashes and underscores");
        }
        if (roles.isEmpty()) {
            throw new UserException("a key without a role opens nothing; give --role ask, write or admin");
        }
        if (groups.size() > MOST_GROUPS) {
            throw new UserException("a key has up to " + MOST_GROUPS + " groups, not " + groups.size());
        }
        for (String group : groups) {
            if (group.isBlank() || group.length() > LONGEST_GROUP || group.startsWith(Principal.PERSON)) {
                throw new UserException("group \"" + group + "\" can't be one; give a name of up to " + LONGEST_GROUP
                        + " characters that doesn't begin with " + Principal.PERSON);
            }
        }
        if (expires != null && (expires.isNegative() || expires.isZero())) {
            throw new UserException("a key that expires at once opens nothing; give a time such as 30d");
        }
    }

    /** All keys, the latest first, with those that were revoked. */
    public List<ApiKey> list() {
        return QuarkusTransaction.joiningExisting().call(() -> ApiKey.list("order by createdAt desc, name"));
    }

    /**
     * Revokes a key: from now on it opens nothing.
     *
     * @throws UserException if there is no such key
     */
    public void revoke(String name) {
        QuarkusTransaction.requiringNew().run(() -> {
            ApiKey key = ApiKey.findById(name);
            if (key == null) {
                throw new UserException(
                        UserException.Kind.NOT_FOUND,
                        "there is no key called " + name + "; `prag key list` shows those there are");
            }
            if (key.revokedAt == null) {
                key.revokedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            }
        });
    }

    /** Who asks with that key; empty if it opens nothing, whyever. */
    public Optional<Principal> find(String secret) {
        return lookup.find(hash(secret), Instant.now(), USE).map(ApiKey::principal);
    }

    /** Whether a key was ever made here. */
    public boolean any() {
        if (!some) {
            some = lookup.any();
        }
        return some;
    }

    private static String hash(String secret) {
        return Hashes.sha256(secret);
    }
}
