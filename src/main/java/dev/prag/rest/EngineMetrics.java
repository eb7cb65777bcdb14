package dev.prag.rest;

import dev.prag.generation.EngineStatistics;
import dev.prag.generation.GenerationEngine;
import dev.prag.runtime.ModelRuntime;
import dev.prag.runtime.ModelSettings;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.function.ToDoubleFunction;

/**
 * What the engine has to do. {@code prag.engine.load} is what a service grows and shrinks by: requests that run or wait,
 * over the places in the batch. The weights and not the processor bound a decoding step, so that CPU time says little:
 * one answer keeps all cores busy, and eight may take no more of them.
 */
@Singleton
public final class EngineMetrics implements MeterBinder {
    private final ModelRuntime runtime;
    private final ModelSettings settings;

    @Inject
    EngineMetrics(ModelRuntime runtime, ModelSettings settings) {
        this.runtime = runtime;
        this.settings = settings;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge(registry, "prag.engine.running", "Requests that are being continued", EngineStatistics::running);
        gauge(registry, "prag.engine.waiting", "Requests that wait for a place", EngineStatistics::waiting);
        gauge(registry, "prag.engine.cache.blocks", "Blocks of the cache", EngineStatistics::blocks);
        gauge(
                registry,
                "prag.engine.cache.free",
                "Blocks of the cache that no request has",
                EngineStatistics::freeBlocks);
        Gauge.builder("prag.engine.places", settings, ModelSettings::sequences)
                .description("Requests that can be continued at once")
                .register(registry);
        Gauge.builder("prag.engine.load", this, EngineMetrics::load)
                .description("Requests that run or wait, over the places")
                .register(registry);
        counter(registry, "prag.engine.tokens", "Tokens generated", EngineStatistics::tokens);
        counter(registry, "prag.engine.rows", "Tokens computed, prompts included", EngineStatistics::rows);
        counter(
                registry,
                "prag.engine.reused.rows",
                "Tokens of prompts that were computed before",
                EngineStatistics::reusedRows);
    }

    private double load() {
        return of(statistics -> statistics.running() + statistics.waiting()) / settings.sequences();
    }

    /** Nothing before the engine is there. */
    private double of(ToDoubleFunction<EngineStatistics> value) {
        return runtime.openedEngine()
                .map(GenerationEngine::statistics)
                .map(value::applyAsDouble)
                .orElse(0.0);
    }

    private void gauge(
            MeterRegistry registry, String name, String description, ToDoubleFunction<EngineStatistics> value) {
        Gauge.builder(name, this, metrics -> metrics.of(value))
                .description(description)
                .register(registry);
    }

    private void counter(
            MeterRegistry registry, String name, String description, ToDoubleFunction<EngineStatistics> value) {
        FunctionCounter.builder(name, this, metrics -> metrics.of(value))
                .description(description)
                .register(registry);
    }
}
