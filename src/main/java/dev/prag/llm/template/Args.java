package dev.prag.llm.template;

import java.util.List;
import java.util.Map;

/**
 * The arguments of a call.
 *
 * @param function its name, for messages
 */
record Args(String function, List<Object> positional, Map<String, Object> named) {
    /** Stands where an optional argument isn't given. */
    static final Object MISSING = new Object();

    /**
     * The arguments in the order of the parameters' names.
     *
     * @param required how many must be given
     */
    Object[] bind(int required, String... names) {
        if (positional.size() > names.length) {
            throw new TemplateException(
                    function + "() takes at most " + names.length + " arguments (" + positional.size() + " given)");
        }
        Object[] bound = new Object[names.length];
        int used = 0;
        for (int i = 0; i < names.length; i++) {
            if (i < positional.size()) {
                bound[i] = positional.get(i);
            } else if (named.containsKey(names[i])) {
                bound[i] = named.get(names[i]);
                used++;
            } else if (i < required) {
                throw new TemplateException(function + "() misses the argument '" + names[i] + "'");
            } else {
                bound[i] = MISSING;
            }
        }
        if (used != named.size()) {
            for (String name : named.keySet()) {
                int at = List.of(names).indexOf(name);
                if (at < 0) {
                    throw new TemplateException(function + "() got an unexpected keyword argument '" + name + "'");
                }
                if (at < positional.size()) {
                    throw new TemplateException(function + "() got multiple values for argument '" + name + "'");
                }
            }
        }
        return bound;
    }

    void none() {
        bind(0);
    }

    static boolean given(Object argument) {
        return argument != MISSING;
    }

    static Object or(Object argument, Object fallback) {
        return argument == MISSING ? fallback : argument;
    }
}
