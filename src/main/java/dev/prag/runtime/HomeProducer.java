package dev.prag.runtime;

import dev.prag.base.Home;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The home that the setting {@code prag.home} names. */
@ApplicationScoped
class HomeProducer {
    @Produces
    @Singleton
    Home home(@ConfigProperty(name = "prag.home") Optional<Path> home) {
        return Home.of(home.orElse(null));
    }
}
