package dev.prag.llm.template;

import java.util.List;

/** The variable {@code loop} of a for loop. */
final class Loop {
    private final List<Object> items;
    private int at = -1;
    private Object last = Args.MISSING;

    Loop(List<Object> items) {
        this.items = items;
    }

    /** Goes to the next item. */
    Object advance() {
        return items.get(++at);
    }

    boolean hasNext() {
        return at + 1 < items.size();
    }

    long index() {
        return at + 1L;
    }

    long length() {
        return items.size();
    }

    /** An attribute such as {@code index0}; {@link Args#MISSING} if there is none of that name. */
    Object attribute(String name) {
        return switch (name) {
            case "index" -> index();
            case "index0" -> (long) at;
            case "revindex" -> (long) items.size() - at;
            case "revindex0" -> items.size() - at - 1L;
            case "first" -> at == 0;
            case "last" -> at == items.size() - 1;
            case "length" -> length();
            // counts only recursive loops, which there are none of
            case "depth" -> 1L;
            case "depth0" -> 0L;
            case "previtem" -> at > 0 ? items.get(at - 1) : new Undefined("there is no previous item");
            case "nextitem" -> hasNext() ? items.get(at + 1) : new Undefined("there is no next item");
            case "cycle" ->
                (Callable) args -> {
                    if (args.positional().isEmpty()) {
                        throw new TemplateException("no items for cycling given");
                    }
                    return args.positional().get(at % args.positional().size());
                };
            case "changed" ->
                (Callable) args -> {
                    Object now = new Tuple(args.positional());
                    boolean changed = last == Args.MISSING || !Operators.equal(last, now);
                    last = now;
                    return changed;
                };
            default -> Args.MISSING;
        };
    }
}
