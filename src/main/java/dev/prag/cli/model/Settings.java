package dev.prag.cli.model;

import dev.prag.base.UserException;
import java.util.Locale;
import java.util.Optional;

/** Settings of the service, for tools that run without it: a system property, else the environment. */
final class Settings {
    private Settings() {}

    static Optional<String> text(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            value = System.getenv(
                    name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_'));
        }
        return value == null || value.isBlank() ? Optional.empty() : Optional.of(value);
    }

    static long positive(String name, long otherwise) {
        String value = text(name).orElse(String.valueOf(otherwise));
        try {
            long number = Long.parseLong(value.strip());
            if (number > 0 && number <= Integer.MAX_VALUE) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT, name + " is " + value + "; it has to be a whole number", e);
        }
        throw new UserException(name + " is " + value + "; it has to be from 1 to " + Integer.MAX_VALUE);
    }
}
