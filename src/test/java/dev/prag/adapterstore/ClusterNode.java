package dev.prag.adapterstore;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.jgroups.JChannel;
import org.postgresql.ds.PGSimpleDataSource;

/** A process of a cluster, to be killed: reads all adapters of a folder again and again, so that it holds its share. */
final class ClusterNode {
    static final Duration LONG = Duration.ofHours(1);

    private ClusterNode() {}

    static DataSource database(String url, String user, String password) {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(url);
        database.setUser(user);
        database.setPassword(password);
        return database;
    }

    static JChannel channel(DataSource database, String secret, int port) throws Exception {
        return ClusterChannel.of(database, secret, Optional.of("127.0.0.1"), port);
    }

    /** Arguments: folder, port, secret, URL, user, password. */
    public static void main(String[] args) throws Exception {
        JChannel channel = channel(database(args[3], args[4], args[5]), args[2], Integer.parseInt(args[1]));
        GuardedTier tier =
                new GuardedTier(() -> EmbeddedTier.clustered(channel, "prag", 64, LONG, Duration.ofSeconds(2)), true);
        AdapterStore store = new TieredAdapterStore(
                tier, new FileAdapterStore(Path.of(args[0])), new TierMetrics(new SimpleMeterRegistry()));
        store.open();
        tier.awaitQuiet();
        System.out.println("members " + channel.getView().size());
        while (true) {
            for (AdapterStore.Entry entry : store.list()) {
                store.get(entry.id(), store.stat(entry.id()).orElseThrow().checksum());
            }
        }
    }
}
