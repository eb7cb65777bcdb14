package dev.prag.cli;

import dev.prag.access.ApiKey;
import dev.prag.access.ApiKeys;
import dev.prag.access.Role;
import dev.prag.base.UserException;
import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.configuration.DurationConverter;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prag key}. */
@Command(
        name = "key",
        mixinStandardHelpOptions = true,
        description = {
            "The keys that services and scripts ask with. As soon as one was made, nothing is answered without a login.",
            ""
        },
        subcommands = {KeyCommand.CreateCommand.class, KeyCommand.ListCommand.class, KeyCommand.RevokeCommand.class})
public class KeyCommand {
    /** A command that works beside a running service, too. */
    abstract static class Sharing implements SharingCommand {
        @Mixin
        ServiceOptions options = new ServiceOptions();

        @Spec
        CommandSpec spec;

        @Inject
        ApiKeys keys;

        @Override
        public ServiceOptions options() {
            return options;
        }

        PrintWriter out() {
            return spec.commandLine().getOut();
        }
    }

    /** {@code prag key create}. */
    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = {
                "Make a key and print it, once, as the last word of the last line. It is sent as Authorization: Bearer"
                        + " KEY or X-Api-Key: KEY.",
                ""
            })
    @Dependent
    @Unremovable
    public static class CreateCommand extends Sharing {
        @Parameters(index = "0", paramLabel = "NAME", description = "What it is called, such as the program that asks.")
        String name;

        @Option(
                names = "--role",
                split = ",",
                required = true,
                paramLabel = "ask|write|admin",
                description = "What it may do: ask questions and read, add and delete documents, or everything. Can be"
                        + " given several times.")
        List<String> roles;

        @Option(
                names = "--group",
                paramLabel = "GROUP",
                description = "Group that it belongs to, whose documents it reads. Can be given several times.")
        List<String> groups = List.of();

        @Option(names = "--expires", paramLabel = "TIME", description = "After which it opens nothing, such as 30d.")
        String expires;

        @Override
        public Integer call() {
            String key = keys.create(name, roles(roles), groups, expires == null ? null : duration(expires));
            out().println("Key " + name + ", which is shown only now: " + key);
            out().flush();
            return 0;
        }

        private static Set<Role> roles(List<String> names) {
            Set<Role> roles = EnumSet.noneOf(Role.class);
            for (String name : names) {
                try {
                    roles.add(Role.valueOf(name.strip().toUpperCase(Locale.ROOT)));
                } catch (IllegalArgumentException e) {
                    throw new UserException(
                            UserException.Kind.BAD_INPUT,
                            "--role " + name + ": there is no such role; choose ask, write or admin",
                            e);
                }
            }
            return roles;
        }

        private static Duration duration(String time) {
            try {
                return DurationConverter.parseDuration(time);
            } catch (IllegalArgumentException e) {
                throw new UserException(
                        UserException.Kind.BAD_INPUT, "--expires " + time + ": give a time such as 12h or 30d", e);
            }
        }
    }

    /** {@code prag key list}. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = {"List the keys, the latest first, without the keys themselves.", ""})
    @Dependent
    @Unremovable
    public static class ListCommand extends Sharing {
        @Override
        public Integer call() {
            List<ApiKey> all = keys.list();
            for (ApiKey key : all) {
                out().println(line(key, Instant.now()));
            }
            out().println(all.size() == 1 ? "1 key" : all.size() + " keys");
            out().flush();
            return 0;
        }

        private static String line(ApiKey key, Instant now) {
            StringBuilder line =
                    new StringBuilder(key.name + " (" + key.prefix + "…): roles " + String.join(", ", key.roles));
            if (!key.groups.isEmpty()) {
                line.append("; groups ").append(String.join(", ", key.groups));
            }
            line.append("; made ").append(key.createdAt);
            if (key.revokedAt != null) {
                line.append("; revoked ").append(key.revokedAt);
            } else if (key.expiresAt != null) {
                line.append(key.isValid(now) ? "; expires " : "; expired ").append(key.expiresAt);
            }
            return line.append(key.usedAt == null ? "; never used" : "; last used about " + key.usedAt)
                    .toString();
        }
    }

    /** {@code prag key revoke}. */
    @Command(
            name = "revoke",
            mixinStandardHelpOptions = true,
            description = {"Make a key open nothing from now on, in every process.", ""})
    @Dependent
    @Unremovable
    public static class RevokeCommand extends Sharing {
        @Parameters(index = "0", paramLabel = "NAME", description = "Its name.")
        String name;

        @Override
        public Integer call() {
            keys.revoke(name);
            out().println("Key " + name + " is revoked");
            out().flush();
            return 0;
        }
    }
}
