package dev.prag.adapterstore;

import dev.prag.base.Home;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Makes the store of this process: files under the home, the hot ones in memory. */
@ApplicationScoped
public class AdapterStores {
    @Produces
    @ApplicationScoped
    AdapterStore store(
            Home home, @ConfigProperty(name = "prag.adapters.cache-mib", defaultValue = "256") int cacheMebibytes) {
        return new CachingAdapterStore(new FileAdapterStore(home.path("adapters")), (long) cacheMebibytes << 20);
    }
}
