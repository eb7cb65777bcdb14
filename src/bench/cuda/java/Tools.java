import dev.prag.cli.BenchCommand;
import dev.prag.cli.DeviceCommand;
import dev.prag.cli.Errors;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code prag device} and {@code prag bench} without the service, for a machine that has little but a GPU. */
@Command(
        name = "prag",
        subcommands = {DeviceCommand.class, BenchCommand.class})
public final class Tools {
    private Tools() {}

    public static void main(String... args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(Errors.install(new CommandLine(Tools.class, new Factory()).setOut(out).setErr(out)).execute(args));
    }

    /** The top has nothing to make. */
    private static final class Factory implements CommandLine.IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            return type == Tools.class ? type.cast(new Tools()) : CommandLine.defaultFactory().create(type);
        }
    }
}
