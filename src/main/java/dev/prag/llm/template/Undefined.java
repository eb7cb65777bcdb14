package dev.prag.llm.template;

/**
 * What a name, attribute or item that isn't there evaluates to: prints as nothing, is empty and false, and any other use
 * of it is an error.
 *
 * @param reason the error when it is used
 */
record Undefined(String reason) {
    static Undefined name(String name) {
        return new Undefined("'" + name + "' is undefined");
    }

    static Undefined member(Object object, Object key) {
        if (object instanceof Undefined undefined) {
            return undefined;
        }
        if (!(key instanceof String)) {
            return new Undefined(Values.describe(object) + " has no element " + Values.repr(key));
        }
        return new Undefined("'" + Values.describe(object) + "' has no attribute " + Values.repr(key));
    }

    static Undefined unsafe(Object object, String name) {
        return new Undefined(
                "access to attribute '" + name + "' of '" + Values.typeName(object) + "' object is unsafe.");
    }

    TemplateException error() {
        return new TemplateException(reason);
    }
}
