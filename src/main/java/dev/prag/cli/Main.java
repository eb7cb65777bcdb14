package dev.prag.cli;

import dev.prag.base.Home;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.database.DatabaseUrl;
import dev.prag.database.EmbeddedDatabase;
import dev.prag.database.ExternalDatabase;
import io.quarkus.arc.Arc;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.quarkus.runtime.configuration.DurationConverter;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/**
 * One program, command line and server. The arguments are parsed before anything starts: help, mistakes and the model
 * tools need no service. A {@link ServiceCommand} gets the home's lock and database first, then runs inside Quarkus.
 */
@QuarkusMain
public final class Main implements QuarkusApplication {
    /** What a shell adds to the number of the signal that ended a program. */
    private static final int SIGNALLED = 128;

    private static boolean serviceStarted;

    public static void main(String... args) {
        NativeEnvironment.prepare();
        StandardError.takeOver();
        int code = Rehearsal.isOn() ? Rehearsal.run() : start(args);
        // An exit sets up logging first, which takes longer than a small tool: where nothing went wrong and the service
        // was not there, the program just ends.
        if (code != 0 || serviceStarted) {
            System.exit(code);
        }
    }

    /** Runs a command; returns its exit code. */
    static int start(String... args) {
        CommandLine line = commandLine(CommandLine.defaultFactory(), args);
        ParseResult parsed;
        try {
            parsed = line.parseArgs(args);
        } catch (ParameterException e) {
            return line.execute(args);
        }
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        boolean help = last.isUsageHelpRequested() || last.isVersionHelpRequested();
        if (!help && last.commandSpec().userObject() instanceof ServiceCommand command) {
            try {
                command.check();
                serviceStarted = true;
                return runService(command, args);
            } catch (RuntimeException e) {
                return Errors.report(line.getErr(), e, command.options().verbose);
            }
        }
        // Whatever needs no home still unpacks native libraries, and not into a cache that other programs share.
        System.setProperty("org.bytedeco.javacpp.cachedir", nativesFolder().toString());
        return line.execute(args);
    }

    private static Path nativesFolder() {
        try {
            return Home.of(null).path("natives");
        } catch (UserException e) {
            return Path.of(System.getProperty("java.io.tmpdir"), "prag-natives-" + System.getProperty("user.name"));
        }
    }

    /**
     * The command line with streams in UTF-8 whatever the locale says.
     *
     * @param args that it will be run with; without any it has all commands
     */
    static CommandLine commandLine(CommandLine.IFactory factory, String... args) {
        return Errors.install(PragCommand.commandLine(factory, List.of(args))
                .registerConverter(Path.class, Main::path)
                .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8)));
    }

    /** An empty path, as an unset variable of a script makes it, would be the current folder. */
    private static Path path(String argument) {
        if (argument.isBlank()) {
            throw new TypeConversionException("the path is empty; name one, or leave the option out");
        }
        return Path.of(argument);
    }

    private static int runService(ServiceCommand command, String... args) {
        ServiceOptions options = command.options();
        options.settings().forEach(System::setProperty);
        command.settings().forEach(System::setProperty);
        Home home = Home.of(options.home != null ? options.home : command.standardHome());
        System.setProperty("prag.home", home.directory().toString());
        System.setProperty("org.bytedeco.javacpp.cachedir", home.path("natives").toString());
        if (!command.servesHttp()) {
            System.setProperty("quarkus.profile", "prod,cli");
        }
        if (options.verbose) {
            System.setProperty("quarkus.log.level", "INFO");
            System.setProperty("quarkus.log.console.level", "INFO");
        }
        if (setting("prag.oidc.url") != null) {
            System.setProperty("quarkus.oidc.tenant-enabled", "true");
        }
        if (setting("prag.telemetry.endpoint") != null) {
            System.setProperty("quarkus.otel.sdk.disabled", "false");
        }
        String databaseUrl = setting("prag.database.url");
        boolean external = databaseUrl != null;
        if (external) {
            ExternalDatabase.await(
                    databaseUrl, setting("prag.database.username"), setting("prag.database.password"), databaseWait());
            // Libraries print the address that they are given.
            DatabaseUrl database = DatabaseUrl.of(databaseUrl);
            System.setProperty("prag.database.url", database.address());
            setDefault("prag.database.username", database.username());
            setDefault("prag.database.password", database.password());
        } else if (!command.servesHttp()) {
            // Nobody else reads what the home has.
            setDefault("prag.store.removal-grace", "0s");
        }
        if (command.sharesHome() && !external) {
            Optional<Home.Lock> own = home.tryLock(args[0]);
            if (own.isEmpty()) {
                EmbeddedDatabase.running(home).properties().forEach(System::setProperty);
                return runQuarkus(args);
            }
            own.get().close();
        }
        try (Home.Lock lock = external && !command.writesIndex() ? null : home.lock(args[0])) {
            OptionalInt port = command.servesHttp() ? OptionalInt.of(requireFreePort()) : OptionalInt.empty();
            if (lock != null) {
                port.ifPresent(lock::announce);
            }
            try (EmbeddedDatabase database = external ? null : EmbeddedDatabase.start(home)) {
                if (database != null) {
                    database.properties().forEach(System::setProperty);
                }
                Terminations.hold();
                return runQuarkus(args);
            }
        }
    }

    private static int runQuarkus(String... args) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicInteger exit = new AtomicInteger(1);
        Quarkus.run(
                Main.class,
                (code, thrown) -> {
                    exit.set(code);
                    failure.set(thrown);
                },
                args);
        if (failure.get() != null) {
            throw new IllegalStateException(failure.get());
        }
        return exit.get();
    }

    /** The value of a setting before the service reads its configuration: a system property, else the environment. */
    private static String setting(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            value = System.getenv(name.toUpperCase(Locale.ROOT).replace('.', '_'));
        }
        return value == null || value.isBlank() ? null : value;
    }

    private static void setDefault(String name, String value) {
        if (value != null && setting(name) == null) {
            System.setProperty(name, value);
        }
    }

    private static Duration databaseWait() {
        String wait = Objects.requireNonNullElse(setting("prag.database.wait"), "0s");
        try {
            return DurationConverter.parseDuration(wait);
        } catch (IllegalArgumentException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT, "prag.database.wait is " + wait + "; give a time such as 60s", e);
        }
    }

    /** The port to serve at, refused here where another program has it: the message is clearer than what comes later. */
    private static int requireFreePort() {
        String host = Objects.requireNonNullElse(setting("quarkus.http.host"), "127.0.0.1");
        String port = Objects.requireNonNullElse(setting("quarkus.http.port"), "8080");
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(host), Integer.parseInt(port)));
            return Integer.parseInt(port);
        } catch (UnknownHostException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT, "host " + host + " is unknown; give an address of this machine", e);
        } catch (IllegalArgumentException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT, "port " + port + " is not a port; give a number from 1 to 65535", e);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.CONFLICT,
                    "port " + port + " on " + host + " cannot be listened on (" + IoReason.of(e)
                            + "); end the program that uses it, or give another with --port",
                    e);
        }
    }

    @Override
    public int run(String... args) {
        int signal = Terminations.held();
        if (signal != 0) {
            return SIGNALLED + signal;
        }
        return commandLine(new Beans(), args).execute(args);
    }

    /** Makes commands as beans, with what is injected into them; whatever is no bean the usual way. */
    static final class Beans implements CommandLine.IFactory {
        private final CommandLine.IFactory plain = CommandLine.defaultFactory();

        @Override
        public <K> K create(Class<K> type) throws Exception {
            var bean = Arc.container().instance(type);
            return bean.isAvailable() ? bean.get() : plain.create(type);
        }
    }
}
