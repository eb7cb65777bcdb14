package dev.prag.adapterstore;

import dev.prag.adapterstore.HotTier.Held;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.infinispan.AdvancedCache;
import org.infinispan.commons.dataconversion.MediaType;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.cache.StorageType;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.configuration.global.ShutdownHookBehavior;
import org.infinispan.eviction.EvictionStrategy;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.manager.EmbeddedCacheManager;
import org.infinispan.remoting.transport.jgroups.JGroupsTransport;
import org.infinispan.stats.Stats;
import org.jgroups.JChannel;

/** Infinispan in this process: alone, or as one of several that fetch from each other. */
final class EmbeddedTier {
    private static final String CACHE = "adapters";
    private static final int MIB = 20;
    /** Each adapter in two processes, so that the end of one leaves no hole. */
    private static final int OWNERS = 2;

    private EmbeddedTier() {}

    /**
     * Alone.
     *
     * @param passivation for what memory has no more room for, closed with the tier; null without
     */
    static HotTier local(long mib, Duration lifespan, Duration timeout, PassivationFolder passivation) {
        ConfigurationBuilder cache = cache(mib);
        if (passivation != null) {
            cache.persistence()
                    .passivation(true)
                    .addSoftIndexFileStore()
                    .dataLocation(passivation.path().resolve("data").toString())
                    .indexLocation(passivation.path().resolve("index").toString());
        }
        GlobalConfigurationBuilder global = global(new GlobalConfigurationBuilder().nonClusteredDefault());
        return open(global, cache, lifespan, timeout, () -> {
            if (passivation != null) {
                passivation.close();
            }
        });
    }

    /**
     * In a cluster.
     *
     * @param channel connects the processes; not connected yet, closed with the tier
     */
    static HotTier clustered(JChannel channel, String cluster, long mib, Duration lifespan, Duration timeout) {
        GlobalConfigurationBuilder global = global(GlobalConfigurationBuilder.defaultClusteredBuilder());
        global.transport()
                .clusterName(cluster)
                .addProperty(JGroupsTransport.CHANNEL_CONFIGURATOR, new GivenChannel(channel));
        ConfigurationBuilder cache = cache(mib);
        cache.clustering()
                .cacheMode(CacheMode.DIST_SYNC)
                .hash()
                .numOwners(OWNERS)
                .clustering()
                .remoteTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .stateTransfer()
                .awaitInitialTransfer(false);
        return open(global, cache, lifespan, timeout, () -> {});
    }

    private static GlobalConfigurationBuilder global(GlobalConfigurationBuilder global) {
        global.cacheManagerName("prag").jmx().disable();
        global.metrics().gauges(false).histograms(false);
        global.shutdown().hookBehavior(ShutdownHookBehavior.DONT_REGISTER);
        return global;
    }

    private static ConfigurationBuilder cache(long mib) {
        ConfigurationBuilder cache = new ConfigurationBuilder();
        cache.encoding().key().mediaType(MediaType.TEXT_PLAIN);
        cache.encoding().value().mediaType(MediaType.APPLICATION_OCTET_STREAM);
        cache.memory()
                .storage(StorageType.OFF_HEAP)
                .maxSize(Long.toString(mib << MIB))
                .whenFull(EvictionStrategy.REMOVE);
        cache.statistics().enable();
        return cache;
    }

    private static HotTier open(
            GlobalConfigurationBuilder global,
            ConfigurationBuilder configuration,
            Duration lifespan,
            Duration timeout,
            Runnable afterwards) {
        EmbeddedCacheManager manager = null;
        try {
            manager = new DefaultCacheManager(global.build());
            EmbeddedCacheManager opened = manager;
            manager.defineConfiguration(CACHE, configuration.build());
            AdvancedCache<String, byte[]> cache =
                    manager.<String, byte[]>getCache(CACHE).getAdvancedCache();
            return new InfinispanTier(cache, lifespan, timeout, () -> held(cache.getStats()), () -> {
                opened.stop();
                afterwards.run();
            });
        } catch (RuntimeException e) {
            if (manager != null) {
                manager.stop();
            }
            afterwards.run();
            throw e;
        }
    }

    private static Held held(Stats now) {
        return new Held(now.getOffHeapMemoryUsed(), now.getEvictions());
    }
}
