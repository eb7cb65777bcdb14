package dev.prag.llm.template;

import java.util.HashMap;
import java.util.Map;

/** Variables by name; what isn't here is looked for further out. Assigning never reaches out. */
final class Scope {
    private final Scope outer;
    private final Map<String, Object> variables = new HashMap<>();

    Scope(Scope outer) {
        this.outer = outer;
    }

    void set(String name, Object value) {
        variables.put(name, value);
    }

    /** The value of that name; {@link Args#MISSING} where there is none. */
    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Object value = scope.variables.get(name);
            if (value != null || scope.variables.containsKey(name)) {
                return value;
            }
        }
        return Args.MISSING;
    }
}
