package dev.prag.llm.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A macro with the scope it was defined in. */
record Macro(Node.Macro definition, Scope scope, Interpreter interpreter) implements Callable {
    String name() {
        return definition.name();
    }

    @Override
    public Object call(Args args) {
        List<String> parameters = definition.parameters();
        List<Object> given = args.positional();
        Map<String, Object> named = new LinkedHashMap<>(args.named());
        Scope inner = new Scope(scope);
        Object caller = named.containsKey("caller") && !parameters.contains("caller") ? named.remove("caller") : null;
        if (definition.mentions().contains("caller")) {
            inner.set("caller", caller == null ? new Undefined("No caller defined") : caller);
        } else if (caller != null) {
            throw new TemplateException("macro '" + name() + "' is given a caller and doesn't use it");
        }
        if (given.size() > parameters.size() && !definition.mentions().contains("varargs")) {
            throw new TemplateException(
                    "macro '" + name() + "' takes not more than " + parameters.size() + " argument(s)");
        }
        int firstDefault = parameters.size() - definition.defaults().size();
        for (int i = 0; i < parameters.size(); i++) {
            String parameter = parameters.get(i);
            if (i < given.size()) {
                inner.set(parameter, given.get(i));
                if (named.containsKey(parameter)) {
                    throw new TemplateException(
                            "macro '" + name() + "' got multiple values for argument '" + parameter + "'");
                }
            } else if (named.containsKey(parameter)) {
                inner.set(parameter, named.remove(parameter));
            } else if (i >= firstDefault) {
                inner.set(parameter, interpreter.evaluate(definition.defaults().get(i - firstDefault), inner));
            } else {
                inner.set(parameter, new Undefined("parameter '" + parameter + "' was not provided"));
            }
        }
        if (definition.mentions().contains("varargs")) {
            inner.set(
                    "varargs",
                    new Tuple(new ArrayList<>(given.subList(Math.min(given.size(), parameters.size()), given.size()))));
        }
        if (definition.mentions().contains("kwargs")) {
            inner.set("kwargs", named);
        } else if (!named.isEmpty()) {
            throw new TemplateException("macro '" + name() + "' takes no keyword argument '"
                    + named.keySet().iterator().next() + "'");
        }
        return interpreter.captured(definition.body(), inner);
    }
}
