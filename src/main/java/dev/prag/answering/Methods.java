package dev.prag.answering;

import dev.prag.base.UserException;
import io.quarkus.arc.All;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All ways of answering: every strategy with every injection. A strategy with the injection {@code prompt} bears its own
 * name, as its paper has it; the others are {@code STRATEGY+INJECTION}. Pairs that had names before keep them.
 */
@Singleton
public final class Methods {
    static final String CLOSED_BOOK = "closed-book";
    static final String PARAMETRIC = "parametric";
    static final String COMBINED = "combined";

    /** What there is to choose from, for who has no service to ask. */
    static final List<String> STRATEGIES = List.of(
            NoRetrieval.NAME, SingleRetrieval.NAME, "flare", "flare-sentence", "dragin", Ircot.NAME, "adaptive");

    static final List<String> INJECTIONS =
            List.of(PromptInjection.NAME, AdapterInjection.NAME, BothInjection.NAME, AugmentedInjection.NAME);

    private static final Map<String, String> SINGLE = Map.of(
            PromptInjection.NAME,
            "in-context",
            AdapterInjection.NAME,
            PARAMETRIC,
            BothInjection.NAME,
            COMBINED,
            AugmentedInjection.NAME,
            "doc-augmented");

    private final Map<String, Method> methods = new TreeMap<>();
    private final Map<String, Method> pairs = new TreeMap<>();

    @Inject
    Methods(@All List<Strategy> strategies, @All List<Injection> injections) {
        for (Strategy strategy : strategies) {
            for (Injection injection : injections) {
                Method method = new Method(name(strategy, injection), strategy, injection);
                methods.putIfAbsent(method.name(), method);
                pairs.put(strategy.name() + "+" + injection.name(), methods.get(method.name()));
            }
        }
    }

    private static String name(Strategy strategy, Injection injection) {
        return name(strategy.name(), injection.name());
    }

    private static String name(String strategy, String injection) {
        return switch (strategy) {
            // Nothing is injected.
            case NoRetrieval.NAME -> CLOSED_BOOK;
            case SingleRetrieval.NAME -> SINGLE.getOrDefault(injection, strategy + "+" + injection);
            default -> injection.equals(PromptInjection.NAME) ? strategy : strategy + "+" + injection;
        };
    }

    /**
     * Looks whether a method has that name, where no service runs.
     *
     * @throws UserException naming those there are
     */
    public static void requireName(String name) {
        Set<String> names = new TreeSet<>();
        Set<String> pairs = new HashSet<>();
        for (String strategy : STRATEGIES) {
            for (String injection : INJECTIONS) {
                names.add(name(strategy, injection));
                pairs.add(strategy + "+" + injection);
            }
        }
        if (!names.contains(name) && !pairs.contains(name)) {
            throw unknown(name, names);
        }
    }

    /** Whether a method of this name has to do with adapters or augmentations of passages, which take encoding. */
    public static boolean needsEncoding(String name) {
        return SINGLE.entrySet().stream()
                        .anyMatch(single -> single.getValue().equals(name)
                                && !single.getKey().equals(PromptInjection.NAME))
                || name.contains("+")
                        && !name.startsWith(NoRetrieval.NAME + "+")
                        && !name.endsWith("+" + PromptInjection.NAME);
    }

    private static UserException unknown(String name, Set<String> names) {
        return new UserException("method \"" + name + "\" is unknown; choose one of " + String.join(", ", names));
    }

    /** All names, in alphabetical order. */
    public List<String> names() {
        return new ArrayList<>(methods.keySet());
    }

    /**
     * The method of that name, or of that strategy and injection ({@code single+prompt}).
     *
     * @throws UserException naming those there are
     */
    public Method require(String name) {
        Method method = methods.getOrDefault(name, pairs.get(name));
        if (method == null) {
            throw unknown(name, methods.keySet());
        }
        return method;
    }
}
