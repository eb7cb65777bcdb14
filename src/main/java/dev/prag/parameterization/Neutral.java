package dev.prag.parameterization;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.augmentation.Pair;
import dev.prag.base.Hashes;
import dev.prag.base.IoReason;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import dev.prag.base.Utf8;
import dev.prag.llm.LanguageModel;
import dev.prag.lora.Scope;
import dev.prag.training.Sample;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Texts that have nothing to do with any passage. On some of them an adapter is to change nothing (a recipe's {@code
 * loss.neutral}); the passages of others stand beside a training sample's own (samples {@code among-others}). Those that
 * come with the program are its own writing, of many kinds.
 */
final class Neutral {
    private static final String RESOURCE = "/neutral/texts.json";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** A question about a passage. */
    @RegisterForReflection
    record Reading(String passage, String question, String answer, String fullAnswer) {
        Pair pair() {
            return new Pair(question, answer, fullAnswer);
        }
    }

    /** The file's fields. */
    @RegisterForReflection
    private record Stored(List<String> texts, List<Reading> readings, List<String> measured) {}

    private final List<String> texts;
    private final List<Reading> readings;
    /** On which nothing is trained. */
    private final List<String> measured;

    private Neutral(List<String> texts, List<Reading> readings, List<String> measured) {
        this.texts = List.copyOf(texts);
        this.readings = List.copyOf(readings);
        this.measured = List.copyOf(measured);
    }

    /** Those that come with the program. */
    static Neutral shipped() {
        try (InputStream in = Neutral.class.getResourceAsStream(RESOURCE)) {
            Stored stored = JSON.readValue(in, Stored.class);
            return new Neutral(stored.texts(), stored.readings(), stored.measured());
        } catch (IOException e) {
            throw new IllegalStateException(RESOURCE, e);
        }
    }

    /**
     * A user's: a JSON list of strings.
     *
     * @throws UserException if the file can't be read or holds something else
     */
    static Neutral of(Path file) {
        String what = "recipe: loss.neutralTexts names " + file;
        try {
            String[] texts = JSON.readValue(Utf8.decode(Files.readAllBytes(file), what), String[].class);
            List<String> kept = new ArrayList<>();
            for (String text : texts == null ? new String[0] : texts) {
                if (text == null || text.isBlank()) {
                    throw new UserException(what + ", which holds an empty text; leave it out");
                }
                kept.add(text);
            }
            if (kept.isEmpty()) {
                throw new UserException(what + ", which holds no text; give a few of some sentences each");
            }
            return new Neutral(kept, List.of(), List.of());
        } catch (JsonProcessingException e) {
            throw new UserException(
                    what + ", which isn't a JSON list of texts (" + JsonMistake.said(e) + "); write [\"…\", \"…\"]");
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.NOT_FOUND, what + ", which can't be read (" + IoReason.of(e) + ")", e);
        }
    }

    /** Those that the recipe's loss goes by. */
    static Neutral of(Recipe recipe) {
        LossSettings loss = recipe.training().loss();
        return loss == null || loss.neutralTexts() == null ? shipped() : of(loss.neutralTexts());
    }

    /** Passages, each about something else. */
    List<String> passages() {
        return readings.stream().map(Reading::passage).toList();
    }

    /**
     * What the model is to say as it does without any adapter: the texts, and between them questions about passages, as
     * they are asked with the passage in the prompt.
     *
     * @param samples which makes those of questions
     */
    List<Sample> samples(LanguageModel model, SampleBuilder samples) {
        List<Sample> all = new ArrayList<>();
        for (int i = 0; i < Math.max(texts.size(), readings.size()); i++) {
            if (i < texts.size()) {
                all.add(new Sample(model.tokenizer().encodeText(texts.get(i), true), 0));
            }
            if (i < readings.size()) {
                Reading reading = readings.get(i);
                all.add(samples.ofPair(List.of(reading.passage()), reading.pair()));
            }
        }
        return all;
    }

    /**
     * What adapters are measured by, which none is trained to leave as it is: the texts as one, or of each the second
     * half, behind the first half as its prompt, where adapters are in force in answers alone.
     *
     * @param most of its texts at most: each costs time with every adapter
     */
    static List<Sample> measured(LanguageModel model, int most, Scope scope) {
        Stream<String> texts = shipped().measured.stream().limit(most);
        if (scope == Scope.PROMPT) {
            return List.of(
                    new Sample(model.tokenizer().encodeText(texts.collect(Collectors.joining("\n\n")), true), 0));
        }
        return texts.map(text -> model.tokenizer().encodeText(text, true))
                .map(ids -> new Sample(ids, ids.length / 2))
                .toList();
    }

    String measuredHash() {
        Hashes.Builder hash = Hashes.builder();
        measured.forEach(hash::add);
        return hash.hex();
    }

    String hash() {
        Hashes.Builder hash = Hashes.builder();
        hash.add(texts.size());
        texts.forEach(hash::add);
        readings.forEach(reading -> hash.add(reading.passage())
                .add(reading.question())
                .add(reading.answer())
                .add(reading.fullAnswer()));
        return hash.hex();
    }
}
