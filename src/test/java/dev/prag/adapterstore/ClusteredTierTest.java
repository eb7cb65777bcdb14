package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.FreePort;
import dev.prag.base.Home;
import dev.prag.database.EmbeddedDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jgroups.JChannel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that fetch from each other: two in this JVM, and one in a JVM of its own, which is killed. */
class ClusteredTierTest extends AdapterStoreContract {
    private static final String SECRET = "a secret of the tests";
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static EmbeddedDatabase database;
    private static DataSource source;
    private static int port;
    private static JChannel channel;
    private static GuardedTier first;
    private static GuardedTier second;

    @TempDir
    Path root;

    @BeforeAll
    static void start(@TempDir Path home) throws Exception {
        database = EmbeddedDatabase.start(Home.of(home));
        Map<String, String> settings = database.properties();
        source = ClusterNode.database(
                settings.get("prag.database.url"),
                settings.get("prag.database.username"),
                settings.get("prag.database.password"));
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                var migration = ClusteredTierTest.class.getResourceAsStream("/db/migration/V7__hot_member.sql")) {
            statement.execute(new String(migration.readAllBytes(), StandardCharsets.UTF_8));
        }
        port = FreePort.next();
        channel = ClusterNode.channel(source, SECRET, port);
        first = tier(channel);
        second = tier(ClusterNode.channel(source, SECRET, port));
        awaitMembers(2);
    }

    private static GuardedTier tier(JChannel over) throws InterruptedException {
        GuardedTier tier =
                new GuardedTier(() -> EmbeddedTier.clustered(over, "prag", 64, ClusterNode.LONG, TIMEOUT), true);
        tier.openBeside();
        tier.awaitQuiet();
        return tier;
    }

    private static void awaitMembers(int count) {
        while (channel.getView().size() != count) {
            Thread.onSpinWait();
        }
    }

    @AfterAll
    static void stop() throws IOException {
        second.close();
        first.close();
        database.close();
    }

    @Override
    AdapterStore store() {
        return store(first, root);
    }

    private static AdapterStore store(GuardedTier tier, Path folder) {
        return new TieredAdapterStore(tier, new FileAdapterStore(folder), new TierMetrics(new SimpleMeterRegistry()));
    }

    @Test
    void theyFetchFromEachOther() throws Exception {
        AdapterStore one = store();
        AdapterStore other = store(second, root.resolve("another, empty"));
        for (int i = 0; i < 8; i++) {
            String id = "eeeeeeee" + i;
            String checksum = one.put(id, random(100_000 + i));
            assertTrue(one.get(id, checksum).isPresent());
            first.awaitQuiet();
            assertArrayEquals(random(100_000 + i), other.get(id, checksum).orElseThrow(), id);
        }
    }

    @Test
    void nobodyIsToldAboutThem() {
        var transport = channel.getProtocolStack().getTransport();
        assertEquals("TCP", transport.getName());
        assertFalse(transport.getDiagnosticsHandler().isEnabled());
        assertFalse(transport.getDiagnosticsHandler().isRunning());
    }

    @Test
    void whatOneDeletesNobodyHas() throws Exception {
        AdapterStore one = store();
        for (int i = 0; i < 8; i++) {
            String id = "dddddddd" + i;
            one.get(id, one.put(id, random(1000)));
            first.awaitQuiet();
            assertArrayEquals(random(1000), second.get(id));
            one.delete(id);
            assertNull(first.get(id));
            assertNull(second.get(id));
        }
    }

    @Test
    void whoDoesNotKnowTheSecretIsKeptOut() throws Exception {
        JChannel stranger = ClusterNode.channel(source, "another secret", port);
        GuardedTier alone = tier(stranger);
        try {
            first.remove("cccccccc");
            AdapterStore one = store();
            one.get("cccccccc", one.put("cccccccc", random(1000)));
            first.awaitQuiet();
            assertArrayEquals(random(1000), second.get("cccccccc"));
            assertNull(alone.get("cccccccc"));
            assertEquals(1, stranger.getView().size());
            assertEquals(2, channel.getView().size());
        } finally {
            alone.close();
        }
    }

    @Test
    void theEndOfOneCostsNoRead() throws Exception {
        AdapterStore one = store();
        Map<String, String> checksums = new TreeMap<>();
        for (int i = 0; i < 40; i++) {
            String id = String.format("ffffffff%02d", i);
            checksums.put(id, one.put(id, random(200_000 + i)));
        }
        Map<String, String> settings = database.properties();
        Process node = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        ClusterNode.class.getName(),
                        root.toString(),
                        Integer.toString(port),
                        SECRET,
                        settings.get("prag.database.url"),
                        settings.get("prag.database.username"),
                        settings.get("prag.database.password"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        AtomicBoolean goesOn = new AtomicBoolean(true);
        AtomicInteger reads = new AtomicInteger();
        try (BufferedReader said = node.inputReader();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertEquals("members 3", said.readLine());
            List<Future<Boolean>> readers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                readers.add(threads.submit(() -> {
                    while (goesOn.get()) {
                        for (Map.Entry<String, String> adapter : checksums.entrySet()) {
                            if (one.get(adapter.getKey(), adapter.getValue()).isEmpty()) {
                                return false;
                            }
                            reads.incrementAndGet();
                        }
                    }
                    return true;
                }));
            }
            awaitReads(reads, 500);
            node.destroyForcibly().waitFor();
            awaitReads(reads, 1000);
            awaitMembers(2);
            awaitReads(reads, 1000);
            goesOn.set(false);
            for (Future<Boolean> reader : readers) {
                assertTrue(reader.get());
            }
        } finally {
            goesOn.set(false);
            node.destroyForcibly();
        }
    }

    private static void awaitReads(AtomicInteger reads, int more) {
        int until = reads.get() + more;
        while (reads.get() < until) {
            Thread.onSpinWait();
        }
    }
}
