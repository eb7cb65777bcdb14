package dev.prag.documents;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * The fields before a Markdown text: YAML between lines of {@code ---} (the last may be {@code ...}), or TOML between
 * lines of {@code +++}, of which text in quotes is read.
 *
 * @param fields scalars and lists of scalars: true, false and whole numbers as such, all else as it is written
 * @param body what follows; the whole text where there is no front matter
 */
record FrontMatter(Map<String, Object> fields, String body) {
    private static final Pattern YAML = Pattern.compile(
            "\\A---[ \\t]*\\R(.*?)^(?:---|\\.\\.\\.)[ \\t]*(?:\\R|\\z)", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern TOML = Pattern.compile(
            "\\A\\+\\+\\+[ \\t]*\\R(.*?)^\\+\\+\\+[ \\t]*(?:\\R|\\z)", Pattern.DOTALL | Pattern.MULTILINE);
    /** Front matter is short; what is longer is text between two rules. */
    private static final int LONGEST = 1 << 16;

    private static final Pattern YAML_LINE = Pattern.compile("([\\w][\\w .-]*?)[ \\t]*:(?:[ \\t]+(.*))?");
    private static final Pattern TOML_LINE =
            Pattern.compile("([\\w-]+)[ \\t]*=[ \\t]*(?:\"([^\"\\\\]*)\"|'([^']*)')[ \\t]*");

    static FrontMatter of(String text) {
        String head = text.substring(0, Math.min(text.length(), LONGEST));
        Matcher yaml = YAML.matcher(head);
        if (yaml.find()) {
            Map<String, Object> fields = yaml(yaml.group(1));
            return fields == null ? none(text) : new FrontMatter(fields, text.substring(yaml.end()));
        }
        Matcher toml = TOML.matcher(head);
        return toml.find() ? new FrontMatter(toml(toml.group(1)), text.substring(toml.end())) : none(text);
    }

    private static FrontMatter none(String text) {
        return new FrontMatter(Map.of(), text);
    }

    /** The fields; null if that is no YAML of fields, but text between two rules. */
    private static Map<String, Object> yaml(String lines) {
        LoaderOptions limits = new LoaderOptions();
        limits.setAllowDuplicateKeys(false);
        limits.setMaxAliasesForCollections(10);
        limits.setNestingDepthLimit(20);
        limits.setCodePointLimit(LONGEST);
        try {
            Object loaded = new Yaml(
                            new SafeConstructor(limits),
                            new Representer(new DumperOptions()),
                            new DumperOptions(),
                            limits,
                            new AsWritten())
                    .load(lines);
            if (loaded == null) {
                return Map.of();
            }
            if (loaded instanceof Map<?, ?> map) {
                Map<String, Object> fields = new LinkedHashMap<>();
                map.forEach((key, value) -> keep(fields, String.valueOf(key), value));
                return fields;
            }
            return null;
        } catch (YAMLException | StackOverflowError e) {
            return loosely(lines);
        }
    }

    /** Of what isn't quite YAML, such as {@code title: Part one: the harbour}, the lines that look like fields. */
    private static Map<String, Object> loosely(String lines) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (String line : lines.lines().toList()) {
            Matcher field = YAML_LINE.matcher(line);
            if (field.matches()) {
                String value =
                        field.group(2) == null ? "" : unquoted(field.group(2).strip());
                if (!value.isEmpty()) {
                    fields.putIfAbsent(field.group(1), value);
                }
            } else if (!line.isBlank()
                    && !line.startsWith("#")
                    && !line.startsWith(" ")
                    && !line.startsWith("-")
                    && !line.startsWith("\t")) {
                return null;
            }
        }
        return fields;
    }

    private static Map<String, Object> toml(String lines) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (String line : lines.lines().toList()) {
            if (line.startsWith("[")) {
                break;
            }
            Matcher field = TOML_LINE.matcher(line);
            if (field.matches()) {
                fields.putIfAbsent(field.group(1), field.group(2) != null ? field.group(2) : field.group(3));
            }
        }
        return fields;
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() > 1
                && (value.charAt(0) == '"' || value.charAt(0) == '\'')
                && value.charAt(0) == value.charAt(value.length() - 1);
        return quoted ? value.substring(1, value.length() - 1) : value;
    }

    private static void keep(Map<String, Object> fields, String key, Object value) {
        if (isScalar(value)) {
            fields.put(key, value);
        } else if (value instanceof List<?> list) {
            List<Object> scalars = new ArrayList<>();
            for (Object element : list) {
                if (isScalar(element)) {
                    scalars.add(element);
                }
            }
            fields.put(key, scalars);
        }
    }

    private static boolean isScalar(Object value) {
        return value instanceof String || value instanceof Boolean || value instanceof Number;
    }

    /** Leaves dates, decimals and words such as yes as they are written. */
    private static final class AsWritten extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            addImplicitResolver(Tag.BOOL, Pattern.compile("true|false"), "tf");
            addImplicitResolver(Tag.INT, Pattern.compile("-?(?:0|[1-9][0-9]{0,15})"), "-0123456789");
            addImplicitResolver(Tag.NULL, Pattern.compile("~|null|"), "~n\0");
        }
    }
}
