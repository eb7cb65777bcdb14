package dev.prag.access;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A key that was given out, but for the key itself, of which only a hash is kept. */
@Entity
@Table(name = "api_key")
public class ApiKey extends PanacheEntityBase {
    @Id
    public String name;

    /** SHA-256 in hexadecimal digits. */
    @Column(nullable = false)
    public String hash;

    /** The first characters of the key, by which people tell keys apart. */
    @Column(nullable = false)
    public String prefix;

    @Column(nullable = false, columnDefinition = "text[]")
    public List<String> roles;

    @Column(nullable = false, columnDefinition = "text[]")
    public List<String> groups;

    @Column(name = "created_at", nullable = false)
    public Instant createdAt;

    /** Null: never. */
    @Column(name = "expires_at")
    public Instant expiresAt;

    @Column(name = "revoked_at")
    public Instant revokedAt;

    /** When it was last used, some minutes more or less. */
    @Column(name = "used_at")
    public Instant usedAt;

    /** Whether it opens anything at that time. */
    public boolean isValid(Instant at) {
        return revokedAt == null && (expiresAt == null || at.isBefore(expiresAt));
    }

    /** Who asks with it. */
    public Principal principal() {
        Set<Role> held = EnumSet.noneOf(Role.class);
        roles.forEach(role -> held.add(Role.valueOf(role.toUpperCase(Locale.ROOT))));
        return new Principal(Principal.KEY + name, Set.copyOf(groups), held);
    }
}
