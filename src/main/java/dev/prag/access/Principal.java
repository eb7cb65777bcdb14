package dev.prag.access;

import java.util.Set;
import java.util.TreeSet;

/**
 * Who asks.
 *
 * @param name of the person or the key, as the audit log has it
 * @param groups that the caller belongs to
 * @param roles what the caller may do
 */
public record Principal(String name, Set<String> groups, Set<Role> roles) {
    /** What a reader that is one person begins with. */
    public static final String PERSON = "user:";

    /** What the name of a key begins with. */
    public static final String KEY = "key:";

    private static final String ADDRESS = "address:";

    /** Whoever has the home itself in hands: the command line. */
    public static final Principal LOCAL = new Principal("local", Set.of(), Set.of(Role.ADMIN));

    public Principal {
        groups = Set.copyOf(groups);
        roles = Set.copyOf(roles);
    }

    /** Whoever asks from an address where no login is on: everything is open there. */
    public static Principal at(String address) {
        return new Principal(ADDRESS + address, Set.of(), Set.of(Role.ADMIN));
    }

    /** Whether it is somebody who signed in, and no key or address. */
    public boolean isPerson() {
        return this != LOCAL && !name.startsWith(KEY) && !name.startsWith(ADDRESS);
    }

    public boolean may(Role role) {
        return roles.contains(role) || roles.contains(Role.ADMIN);
    }

    /** Whether every document is open to the caller. */
    public boolean readsAll() {
        return roles.contains(Role.ADMIN);
    }

    /**
     * The readers of documents that mean this caller: the groups, and {@code user:NAME}. A group that is called as if it
     * were a person counts for nothing.
     */
    public Set<String> readers() {
        Set<String> readers = new TreeSet<>(groups);
        readers.removeIf(group -> group.startsWith(PERSON));
        readers.add(PERSON + name);
        return readers;
    }
}
