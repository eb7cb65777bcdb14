package dev.prag.adapterstore;

import dev.prag.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real Infinispan Server from its jars, in a JVM of its own, with TLS and users. */
final class InfinispanServer implements AutoCloseable {
    static final String USER = "prag";
    static final String PASSWORD = "a password of the tests";
    static final String STORE_PASSWORD = "a store of the tests";
    private static final String HOST = "infinispan.example";
    private static final Duration START = Duration.ofSeconds(90);

    private final Process process;
    private final int port;
    private final Path folder;

    private InfinispanServer(Process process, int port, Path folder) {
        this.process = process;
        this.port = port;
        this.folder = folder;
    }

    /** The program's jars, which {@code ./prag test} fetches where they can be had. */
    private static Path jars() {
        return Path.of(System.getProperty("prag.test.infinispan", "infinispan-server"));
    }

    static boolean isAvailable() {
        return Files.isDirectory(jars());
    }

    static InfinispanServer start(Path folder) throws Exception {
        int port = FreePort.next();
        Path conf = Files.createDirectories(folder.resolve("root/conf"));
        for (String name : List.of("data", "log", "lib")) {
            Files.createDirectories(folder.resolve("root").resolve(name));
        }
        for (String name : List.of("infinispan.xml", "jgroups.xml", "log4j2.xml")) {
            try (var settings = InfinispanServer.class.getResourceAsStream("/infinispan-server/" + name)) {
                Files.write(conf.resolve(name), settings.readAllBytes());
            }
        }
        Files.writeString(conf.resolve("users.properties"), USER + "=" + PASSWORD + "\n");
        Files.writeString(conf.resolve("groups.properties"), USER + "=admin\n");
        String store = conf.resolve("server.p12").toString();
        keytool(
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + HOST,
                "-ext",
                "SAN=dns:" + HOST,
                "-storetype",
                "PKCS12",
                "-keystore",
                store,
                "-storepass",
                STORE_PASSWORD);
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "server",
                "-keystore",
                store,
                "-storepass",
                STORE_PASSWORD,
                "-file",
                folder.resolve("trusted.pem").toString());
        Process process = new ProcessBuilder(
                        java("java"),
                        "-Xmx512m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dprag.port=" + port,
                        "-Dprag.keystore.password=" + STORE_PASSWORD,
                        "-Dinfinispan.server.home.path=" + folder,
                        "-cp",
                        jars().toAbsolutePath() + "/*",
                        "org.infinispan.server.Bootstrap",
                        "-s",
                        folder.resolve("root").toString(),
                        "-c",
                        "infinispan.xml")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("server.log").toFile())
                .start();
        InfinispanServer server = new InfinispanServer(process, port, folder);
        long end = System.nanoTime() + START.toNanos();
        while (!listens(port)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                server.close();
                throw new IOException("Infinispan doesn't start: " + Files.readString(folder.resolve("server.log")));
            }
            Thread.sleep(50);
        }
        return server;
    }

    private static String java(String program) {
        return Path.of(System.getProperty("java.home"), "bin", program).toString();
    }

    private static void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(java("keytool")));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(said);
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Lets it hang: it keeps its connections, and takes new ones, and says nothing. */
    void hang() throws Exception {
        signal("-STOP");
    }

    /** Ends {@link #hang}. */
    void goOn() throws Exception {
        signal("-CONT");
    }

    private void signal(String signal) throws Exception {
        Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill " + signal + " failed");
        }
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    /** The name that its certificate is for. */
    String name() {
        return HOST;
    }

    Path certificate() {
        return folder.resolve("trusted.pem");
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
