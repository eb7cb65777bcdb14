package dev.prag.documents;

import dev.prag.documents.PassedOver.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What was passed over, for people: counted by kind, with a few names. */
public final class PassedOverReport {
    private static final int NAMES = 3;

    private PassedOverReport() {}

    /**
     * A line for each kind.
     *
     * @param all whether every name is told, a line each, with its reason
     */
    public static List<String> lines(List<PassedOver> passedOver, boolean all) {
        List<String> lines = new ArrayList<>();
        byKind(passedOver).forEach((kind, some) -> {
            String head = "passed over: " + some.size() + " " + kind.words();
            if (all) {
                lines.add(head);
                some.forEach(one -> lines.add("  " + one.path() + (one.reason() == null ? "" : ": " + one.reason())));
            } else {
                lines.add(head + " ("
                        + some.stream()
                                .limit(NAMES)
                                .map(PassedOverReport::named)
                                .collect(Collectors.joining(", "))
                        + (some.size() > NAMES ? ", …" : "") + ")");
            }
        });
        return lines;
    }

    /** The numbers, and why something can't be read. */
    static String brief(List<PassedOver> passedOver) {
        return byKind(passedOver).entrySet().stream()
                .map(entry -> entry.getValue().size() + " " + entry.getKey().words()
                        + (entry.getKey() == Kind.UNREADABLE
                                ? ": " + entry.getValue().getFirst().reason()
                                : ""))
                .collect(Collectors.joining(", "));
    }

    /** What permission or a link says is short and worth a word; other reasons repeat the kind. */
    private static String named(PassedOver one) {
        boolean told = one.kind() == Kind.UNREADABLE && one.reason() != null;
        return one.path() + (told ? ": " + one.reason() : "");
    }

    private static Map<Kind, List<PassedOver>> byKind(List<PassedOver> passedOver) {
        return passedOver.stream()
                .sorted(Comparator.comparing(PassedOver::path))
                .collect(Collectors.groupingBy(PassedOver::kind, () -> new EnumMap<>(Kind.class), Collectors.toList()));
    }
}
