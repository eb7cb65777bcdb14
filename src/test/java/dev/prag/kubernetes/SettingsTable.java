package dev.prag.kubernetes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The settings that docs/cli.md tells of, as environment variables. */
final class SettingsTable {
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    private SettingsTable() {}

    static Set<String> variables() throws IOException {
        Set<String> variables = new HashSet<>();
        String page = Files.readString(Path.of("docs/cli.md"));
        for (String line : page.substring(page.indexOf("## Settings")).lines().toList()) {
            if (line.startsWith("| `")) {
                String prefix = "";
                Matcher names = QUOTED.matcher(line.substring(0, line.indexOf('|', 1)));
                while (names.find()) {
                    String name = names.group(1);
                    if (name.startsWith(".")) {
                        name = prefix + name;
                    } else {
                        prefix = name.substring(0, name.lastIndexOf('.'));
                    }
                    variables.add(variable(name));
                }
            }
        }
        return variables;
    }

    private static String variable(String setting) {
        return setting.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
