package dev.prag.answering;

import dev.prag.base.UserException;
import dev.prag.generation.AttentionReader;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The knobs of strategies, and the bounds of all. Each is checked when it is asked for. */
@Singleton
final class StrategySettings {
    private static final String PREFIX = "prag.answering.";
    private static final int MANY = 1_000_000;

    @ConfigProperty(name = PREFIX + "max-rounds", defaultValue = "10")
    int maxRounds;

    @ConfigProperty(name = PREFIX + "max-generated-tokens", defaultValue = "2048")
    int maxGeneratedTokens;

    @ConfigProperty(name = PREFIX + "max-seconds", defaultValue = "600")
    int maxSeconds;

    @ConfigProperty(name = PREFIX + "look-ahead", defaultValue = "64")
    int lookAhead;

    @ConfigProperty(name = PREFIX + "flare.theta", defaultValue = "0.8")
    double flareTheta;

    @ConfigProperty(name = PREFIX + "flare.beta", defaultValue = "0.4")
    double flareBeta;

    @ConfigProperty(name = PREFIX + "flare-sentence.threshold", defaultValue = "0.08")
    double flareSentenceThreshold;

    @ConfigProperty(name = PREFIX + "dragin.theta", defaultValue = "1.0")
    double draginTheta;

    @ConfigProperty(name = PREFIX + "dragin.words", defaultValue = "25")
    int draginWords;

    @ConfigProperty(name = PREFIX + "ircot.passages", defaultValue = "15")
    int ircotPassages;

    @ConfigProperty(name = PREFIX + "adaptive.confidence", defaultValue = "-0.05")
    double adaptiveConfidence;

    @ConfigProperty(name = PREFIX + "adaptive.classifier")
    Optional<String> classifier;

    @Inject
    StrategySettings() {}

    /** Retrievals that an answer may have. */
    int rounds() {
        return whole("max-rounds", maxRounds, 1, 100);
    }

    /** Tokens that may be generated for an answer in rounds, with those that are dropped again. */
    int tokens() {
        return whole("max-generated-tokens", maxGeneratedTokens, 1, MANY);
    }

    /** How long an answer may take. */
    Duration time() {
        return Duration.ofSeconds(whole("max-seconds", maxSeconds, 1, MANY));
    }

    /** Tokens that are written before they are looked at. */
    int ahead() {
        return whole("look-ahead", lookAhead, 1, AttentionReader.MOST);
    }

    /** The probability that FLARE retrieves at or below. */
    double theta() {
        return share("flare.theta", flareTheta);
    }

    /** The probability at or below which a token is left out of FLARE's query. */
    double beta() {
        return share("flare.beta", flareBeta);
    }

    /** Of 1 - p: for the mean of a sentence, and for the tokens that are left out of the query. */
    double sentenceThreshold() {
        return share("flare-sentence.threshold", flareSentenceThreshold);
    }

    /** The RIND that DRAGIN retrieves above. */
    double rind() {
        require(draginTheta >= 0 && Double.isFinite(draginTheta), "dragin.theta", draginTheta, "0 or more");
        return draginTheta;
    }

    /** Words that a query of DRAGIN has at most. */
    int queryWords() {
        return whole("dragin.words", draginWords, 1, 1000);
    }

    /** Passages that IRCoT gathers at most. */
    int gathered() {
        return whole("ircot.passages", ircotPassages, 1, 100);
    }

    /** The mean log-probability of a token from which an answer without documents is believed. */
    double confidence() {
        require(adaptiveConfidence <= 0, "adaptive.confidence", adaptiveConfidence, "0 or less");
        return adaptiveConfidence;
    }

    private static int whole(String name, int value, int least, int most) {
        require(value >= least && value <= most, name, value, "between " + least + " and " + most);
        return value;
    }

    private static double share(String name, double value) {
        require(value >= 0 && value <= 1, name, value, "between 0 and 1");
        return value;
    }

    private static void require(boolean holds, String name, Number value, String need) {
        if (!holds) {
            throw new UserException(
                    String.format(Locale.ROOT, "%s%s is %s; it has to be %s", PREFIX, name, value, need));
        }
    }
}
