package dev.prag.generation.grammar;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Names of properties that a schema doesn't list, quotes included, none of which may be one that it lists. They are
 * written without escapes, so that the same name has one spelling.
 *
 * @param listed names, as strings of their UTF-8 bytes
 */
record KeyAutomaton(TreeSet<String> listed) {
    private static final State ANY = of(Set.of(), true);

    /**
     * What was read.
     *
     * @param place within a string
     * @param known what was read of a name, if one of those listed begins so; else null
     */
    private record Read(StringLeaf place, String known) {}

    static State of(Collection<String> listed) {
        return listed.isEmpty() ? ANY : of(listed, false);
    }

    private static State of(Collection<String> listed, boolean common) {
        Set<String> names = listed.stream().map(KeyAutomaton::bytes).collect(Collectors.toSet());
        KeyAutomaton key = new KeyAutomaton(new TreeSet<>(names));
        return Automata.explore(
                        new Read(StringLeaf.start(0, StringLeaf.UNBOUNDED), ""),
                        key::step,
                        read -> read.place.accepting(),
                        common)
                .orElseThrow();
    }

    private Read step(Read read, int b) {
        StringLeaf next = b == '\\' ? null : read.place.step(b);
        if (next == null || next.accepting() && read.known != null && listed.contains(read.known)) {
            return null;
        }
        if (read.place.place() == StringLeaf.Place.START) {
            return new Read(next, "");
        }
        String longer = read.known == null || next.accepting() ? null : read.known + (char) b;
        String first = longer == null ? null : listed.ceiling(longer);
        return new Read(next, first != null && first.startsWith(longer) ? longer : null);
    }

    private static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
