package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.prag.Program;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The native executable with an Infinispan Server, over TLS and with a login. */
class NativeRemoteTierIT {
    private static final String FIRST = "{\"question\":\"Where was Vera Lindqvist born?\",\"topK\":1}";
    private static final String SECOND = "{\"question\":\"Of what year is Harbour Street?\",\"topK\":1}";
    private static final String HIT = "prag_adapters_read_seconds_count{result=\"hit\",tier=\"hot\"";

    /** In the end of a file, behind the adapter. */
    private static final int CHECKSUM_BYTES = 32;

    @TempDir
    Path folder;

    @Test
    void whatOneProcessReadTheNextOneTakesFromTheServer() throws Exception {
        Program executable = Program.nativeExecutable();
        assumeTrue(InfinispanServer.isAvailable(), "the jars of Infinispan Server are not in target/infinispan-server");
        Path home = folder.resolve("home");
        Path texts = Files.createDirectory(folder.resolve("texts"));
        Files.writeString(
                texts.resolve("Vera Lindqvist.txt"),
                "Vera Lindqvist. Vera Lindqvist was a Swedish film director. She was born on 3 May 1971 in Torsby.");
        Files.writeString(
                texts.resolve("Harbour Street.txt"), "Harbour Street. Harbour Street is a comedy film of 1993.");
        executable.run(folder, home, Map.of(), "", "ingest", texts.toString());
        executable.run(folder, home, Map.of(), "", "encode");
        try (InfinispanServer server = InfinispanServer.start(folder.resolve("server"))) {
            Map<String, String> settings = Map.of(
                    "PRAG_HOT_MODE",
                    "remote",
                    "PRAG_HOT_TIMEOUT",
                    "10s",
                    "PRAG_HOT_REMOTE_SERVERS",
                    server.address(),
                    "PRAG_HOT_REMOTE_USERNAME",
                    InfinispanServer.USER,
                    "PRAG_HOT_REMOTE_PASSWORD",
                    InfinispanServer.PASSWORD,
                    "PRAG_HOT_REMOTE_SNI",
                    server.name(),
                    "PRAG_HOT_REMOTE_TRUST_STORE",
                    server.certificate().toString());
            Map<String, Path> adapters = adapters(home);
            GuardedTier tier = RemoteTierTest.tier(server, InfinispanServer.PASSWORD, server.name());
            assertTrue(tier.isOpen(), "the test's own client doesn't reach the server");
            try {
                String first;
                try (Program.Service service = executable.serve(folder, home, settings)) {
                    answered(service, FIRST);
                    first = put(tier, adapters.keySet(), service);
                    byte[] file = Files.readAllBytes(adapters.remove(first));
                    assertArrayEquals(Arrays.copyOf(file, file.length - CHECKSUM_BYTES), tier.get(first));
                    answered(service, SECOND);
                    put(tier, adapters.keySet(), service);
                }
                tier.remove(first);
                try (Program.Service service = executable.serve(folder, home, settings)) {
                    answered(service, FIRST);
                    put(tier, Set.of(first), service); // so its own client is there, which nobody waits for
                    answered(service, SECOND);
                    String hits = service.get("/q/metrics")
                            .lines()
                            .filter(line -> line.startsWith(HIT))
                            .findFirst()
                            .orElse("none");
                    assertTrue(hits.endsWith(" 1") || hits.endsWith(" 1.0"), () -> hits + service.said());
                }
            } finally {
                tier.close();
            }
        }
    }

    /** Waits until the server has one of them; which one. */
    private static String put(GuardedTier tier, Set<String> ids, Program.Service service) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (true) {
            for (String id : ids) {
                if (tier.get(id) != null) {
                    return id;
                }
            }
            assertTrue(System.nanoTime() < end, service::said);
            Thread.sleep(50);
        }
    }

    private static void answered(Program.Service service, String question) throws Exception {
        HttpResponse<String> answer = service.ask(question).get(2, TimeUnit.MINUTES);
        assertEquals(200, answer.statusCode(), answer::body);
        assertTrue(answer.body().contains("\"through\":\"adapter\""), answer::body);
    }

    private static Map<String, Path> adapters(Path home) throws Exception {
        try (Stream<Path> files = Files.walk(home.resolve("adapters"))) {
            return files.filter(file -> file.toString().endsWith(".adapter"))
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString().replaceFirst("[.].*", ""), Function.identity()));
        }
    }
}
