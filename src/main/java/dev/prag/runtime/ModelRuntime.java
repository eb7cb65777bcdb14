package dev.prag.runtime;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.adapterstore.TierMetrics;
import dev.prag.base.Home;
import dev.prag.base.UserException;
import dev.prag.base.VitalThread;
import dev.prag.generation.AttentionReader;
import dev.prag.generation.EngineSettings;
import dev.prag.generation.GenerationEngine;
import dev.prag.llm.DevicePlan;
import dev.prag.llm.FileFingerprintCache;
import dev.prag.llm.FingerprintFile;
import dev.prag.llm.LanguageModel;
import dev.prag.llm.ModelFolder;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterFormat;
import dev.prag.lora.AdapterSlab;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.LoadedWeights;
import dev.prag.training.Trainer;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The model of this process and what works on it. Each part is made on first use and lives until the program ends:
 * knowing the model's id costs no weights, answering reserves no memory for training, and training none for answering.
 */
@ApplicationScoped
public class ModelRuntime implements VitalThread {
    private static final System.Logger LOG = System.getLogger(ModelRuntime.class.getName());

    /** Where the model allows more: what a cache for many sequences can still be reserved for. */
    private static final int DEFAULT_CONTEXT = 4096;

    private final ModelSettings settings;
    private final Home home;
    private final AdapterStore store;
    private final TierMetrics metrics;

    private ModelFolder folder;
    private String modelId;
    private Device device;
    private LanguageModel languageModel;
    private GenerationEngine engine;
    private Trainer trainer;
    private AttentionReader attention;
    private LabelScorer labels;
    private Adapter labelling;
    private volatile AdapterResidency adapters;
    private volatile boolean ready;
    /** Whether memory for training is counted when the model is opened. */
    private boolean trains;

    @Inject
    public ModelRuntime(ModelSettings settings, Home home, AdapterStore store, TierMetrics metrics) {
        this.settings = settings;
        this.home = home;
        this.store = store;
        this.metrics = metrics;
    }

    /** The model's folder, checked. */
    public synchronized ModelFolder folder() {
        if (folder == null) {
            folder = ModelFolder.open(settings.folder());
        }
        return folder;
    }

    /** Hash of the model's content: what its rows and adapters are kept under. */
    public synchronized String modelId() {
        if (modelId == null) {
            modelId = fingerprint(folder());
        }
        return modelId;
    }

    /** Whether the model is the one that comes with the program, or a copy of it. */
    public boolean isDemo() {
        Path demo = settings.demoFolder();
        return Files.isDirectory(demo) && modelId().equals(fingerprint(ModelFolder.open(demo)));
    }

    /**
     * Hash of the content of a model that lies anywhere, as {@link #modelId} is of this one's.
     *
     * @throws UserException if there is none
     */
    public String fingerprint(Path of) {
        return fingerprint(ModelFolder.open(of));
    }

    /** Whether the model that answers has this content, and is computed with these weights: full or int8. */
    public boolean isItself(String fingerprint, String weights) {
        return modelId().equals(fingerprint) && settings.dtype() == settings.dtype(weights);
    }

    private String fingerprint(ModelFolder of) {
        return of.fingerprint(new FileFingerprintCache(home.path("fingerprints.json")).orElse(new FingerprintFile()));
    }

    /** Says that this process will train, before it opens the model: the device's memory has to suffice for both. */
    public synchronized void expectTraining() {
        trains = true;
    }

    /** The model with its weights on the device. */
    public synchronized LanguageModel languageModel() {
        if (languageModel == null) {
            Device opened = settings.openDevice();
            try {
                DeviceNeeds.of(settings, folder().config(), opened.cacheTypes().getFirst(), context(), trains)
                        .require(
                                opened,
                                "the model",
                                "give --weights int8, a smaller prag.cache.mib, prag.adapters.resident-mib or --context, for"
                                        + " encoding a smaller prag.training.activation-mib or prag.training.rows");
                languageModel =
                        LanguageModel.open(folder(), opened, settings.dtype(), context(), settings.templateTime());
                tellLoaded(opened);
                device = opened;
            } finally {
                // A model that can't be opened is asked for again; its threads must not stay each time.
                if (device == null) {
                    opened.close();
                }
            }
        }
        return languageModel;
    }

    /**
     * Opens another model to generate, under the settings of this one. It is the caller's to close.
     *
     * @param weights full or int8
     * @throws UserException if it can't be opened, or a device with memory of its own has no room for both
     */
    public synchronized SideModel openBeside(Path of, String weights) {
        ModelFolder beside = ModelFolder.open(of);
        int tokens = Math.min(
                settings.context().orElse(DEFAULT_CONTEXT), beside.config().maxPositions());
        DType dtype = settings.dtype(weights);
        Device opened = settings.openDevice();
        LanguageModel model = null;
        SideModel side = null;
        try {
            DType cache = opened.cacheTypes().getFirst();
            DevicePlan plan = DeviceNeeds.beside(settings, beside.config(), dtype, cache, tokens);
            if (languageModel != null) {
                plan.with(
                        "the model that answers",
                        DeviceNeeds.of(settings, folder().config(), cache, context(), trains)
                                .bytes());
            }
            plan.require(
                    opened,
                    "the model that augments",
                    "give it int8 weights (augmentation.weights), a smaller"
                            + " prag.cache.mib, or run `prag augment` first, which holds no other model");
            model = LanguageModel.open(beside, opened, dtype, tokens, settings.templateTime());
            tellLoaded(opened);
            EngineSettings engineSettings = EngineSettings.of(tokens, settings.sequences())
                    .withMaxWaiting(settings.waiting())
                    .withCacheBytes(settings.cacheBytes(), beside.config(), cache);
            side = new SideModel(opened, model, new GenerationEngine(model, engineSettings));
            return side;
        } finally {
            if (side == null) {
                if (model != null) {
                    model.close();
                }
                opened.close();
            }
        }
    }

    private static void tellLoaded(Device opened) {
        LoadedWeights loaded = opened.loaded();
        if (loaded.bytes() > 0) {
            LOG.log(
                    System.Logger.Level.INFO,
                    String.format(
                            Locale.ROOT,
                            "%.2f GB of weights were brought to %s in %.2f s, %.1f GB/s",
                            loaded.bytes() / 1e9,
                            opened.name(),
                            loaded.nanoseconds() / 1e9,
                            loaded.gigabytesPerSecond()));
        }
    }

    /**
     * Tokens that one sequence may have, prompt and answer together.
     *
     * @throws UserException if more are asked for than the model has positions
     */
    public int context() {
        int most = folder().config().maxPositions();
        int context = settings.context().orElse(Math.min(most, DEFAULT_CONTEXT));
        if (context < 2 || context > most) {
            throw new UserException(
                    "context " + context + ": this model has " + most + " positions; give a --context of 2 to " + most);
        }
        return context;
    }

    /** What continues prompts. */
    public synchronized GenerationEngine engine() {
        if (engine == null) {
            engine = new GenerationEngine(languageModel(), engineSettings());
            ready = true;
        }
        return engine;
    }

    /** A cache with a whole context for every sequence, or what its memory has room for. */
    private EngineSettings engineSettings() {
        DType cacheType = languageModel().decoder().device().cacheTypes().getFirst();
        return EngineSettings.of(context(), settings.sequences())
                .withMaxWaiting(settings.waiting())
                .withMerging(settings.merging())
                .withCacheBytes(settings.cacheBytes(), folder().config(), cacheType);
    }

    /** What reads how uncertain the model was, and where it looked. */
    public synchronized AttentionReader attention() {
        if (attention == null) {
            attention = new AttentionReader(languageModel().decoder());
        }
        return attention;
    }

    /** What tells how probable texts are with this adapter in force; only that of the last adapter stays open. */
    public synchronized LabelScorer labels(Adapter adapter) {
        if (labelling != adapter) {
            if (labels != null) {
                labels.close();
            }
            labels = new LabelScorer(languageModel().decoder(), adapter);
            labelling = adapter;
        }
        return labels;
    }

    /** What trains adapters. */
    public synchronized Trainer trainer() {
        if (trainer == null) {
            trainer = new Trainer(languageModel().decoder(), settings.trainingRows(), settings.activationBytes());
        }
        return trainer;
    }

    /** As {@link ModelSettings#measureShare}. */
    public double measureShare() {
        return settings.measureShare();
    }

    /** The most tokens that a training sample may have. */
    public int longestSample() {
        return Math.min(context(), settings.trainingRows());
    }

    /** How adapters that are trained are written. */
    public AdapterFormat adapterFormat() {
        return settings.adapterFormat();
    }

    /** The adapters on the device. */
    public synchronized AdapterResidency adapters() {
        if (adapters == null) {
            AdapterSlab slab = new AdapterSlab(
                    languageModel().decoder().device(), folder().config().decoderShape(), settings.residentFloats());
            adapters = new AdapterResidency(store, slab, metrics, settings.roomPatience());
        }
        return adapters;
    }

    /** The adapters on the device, if any were asked for; waits for nothing. */
    public Optional<AdapterResidency> openedAdapters() {
        return Optional.ofNullable(adapters);
    }

    /** Makes all that answering needs, so that the first question doesn't wait for it. */
    public void open() {
        store.open();
        engine();
        adapters();
    }

    /** Whether the weights are on the device and questions are answered. */
    public boolean ready() {
        return ready && engine.isOpen();
    }

    /** The engine, if it was made already; waits for nothing. */
    public Optional<GenerationEngine> openedEngine() {
        return ready ? Optional.of(engine) : Optional.empty();
    }

    @Override
    public String name() {
        return "engine";
    }

    @Override
    public Optional<Throwable> failure() {
        return openedEngine().flatMap(GenerationEngine::failure);
    }

    /** What computes before what it computes on: no thread may touch memory that is gone. */
    @PreDestroy
    synchronized void close() {
        ready = false;
        if (engine != null) {
            engine.close();
        }
        if (labels != null) {
            labels.close();
        }
        if (attention != null) {
            attention.close();
        }
        if (trainer != null) {
            trainer.close();
        }
        if (adapters != null) {
            adapters.close();
        }
        if (languageModel != null) {
            languageModel.close();
        }
        if (device != null) {
            device.close();
        }
    }
}
