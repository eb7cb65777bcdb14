package dev.prag.answering;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.adapterstore.TierMetrics;
import dev.prag.augmentation.AugmentationModel;
import dev.prag.base.Home;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.Demand;
import dev.prag.corpus.EncodingQueue;
import dev.prag.parameterization.PassageInspection;
import dev.prag.parameterization.Recipes;
import dev.prag.retrieval.PassageIndex;
import dev.prag.runtime.ModelRuntime;
import dev.prag.runtime.ModelSettings;
import jakarta.inject.Inject;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The demo model, which knows of one passage by its adapter, and services with knobs of their own. */
abstract class StrategiesSetup {
    @Inject
    DemoCorpus demo;

    @Inject
    AnswerService answers;

    @Inject
    AugmentationModel augmenter;

    @Inject
    Methods methods;

    @Inject
    ModelRuntime runtime;

    @Inject
    ModelSettings modelSettings;

    @Inject
    Recipes recipes;

    @Inject
    Corpus corpus;

    @Inject
    PassageAdapters adapters;

    @Inject
    PassageIndex index;

    @Inject
    AnsweringSettings settings;

    @Inject
    StrategySettings strategies;

    @Inject
    PassageInspection inspection;

    @Inject
    Demand demand;

    @Inject
    EncodingQueue queue;

    @Inject
    Home home;

    @Inject
    AdapterStore store;

    @Inject
    TierMetrics metrics;

    @BeforeEach
    void oneEncodedPassageAndOneThatIsNot() {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        demo.ingest(DemoCorpus.STAIR);
    }

    @AfterEach
    void leaveNothing() {
        demo.clear();
        assertEquals(0, runtime.adapters().inUse());
    }

    static AnswerRequest traced(String method) {
        return AnswerRequest.of(DemoCorpus.QUESTION, method).traced(true);
    }

    /** Answers as the service does, with bounds and knobs of its own. */
    AnswerService with(Consumer<StrategySettings> changed) {
        StrategySettings own = new StrategySettings();
        own.maxRounds = 10;
        own.maxGeneratedTokens = 2048;
        own.maxSeconds = 600;
        own.lookAhead = 64;
        own.flareTheta = 0.8;
        own.flareBeta = 0.4;
        own.flareSentenceThreshold = 0.08;
        own.draginTheta = 1;
        own.draginWords = 25;
        own.ircotPassages = 15;
        own.adaptiveConfidence = -0.05;
        own.classifier = Optional.empty();
        changed.accept(own);
        return service(runtime, adapters, own);
    }

    AnswerService service(ModelRuntime on, PassageAdapters with, StrategySettings own) {
        return new AnswerService(methods, on, recipes, corpus, with, index, settings, own, inspection, demand);
    }
}
