package dev.prag.parameterization;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.AugmentationModel;
import dev.prag.augmentation.Making;
import dev.prag.augmentation.Pair;
import dev.prag.base.Hashes;
import dev.prag.base.IoReason;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import dev.prag.corpus.Augmentations;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Augmentations as JSON lines, a passage a line: for people to look through and to mend, and for those that were made
 * elsewhere. A line names its passage by the text; a text that no passage has is passed over.
 */
@ApplicationScoped
public class AugmentationFiles {
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final int PAGE = 100;
    private static final int MOST_PAIRS = 1000;

    private final Augmentations kept;
    private final AugmentationModel model;
    private final Recipes recipes;
    private final ModelRuntime runtime;

    @Inject
    public AugmentationFiles(Augmentations kept, AugmentationModel model, Recipes recipes, ModelRuntime runtime) {
        this.kept = kept;
        this.model = model;
        this.recipes = recipes;
        this.runtime = runtime;
    }

    /** A line. */
    @RegisterForReflection
    record Line(
            @JsonProperty("text_hash") @JsonInclude(JsonInclude.Include.NON_NULL)
            String textHash,

            String text,
            List<String> rewrites,
            List<Pair> pairs) {}

    /**
     * What an import did.
     *
     * @param kept lines whose augmentation is in force now
     * @param unchanged of these, those that were so before
     * @param unknown lines whose text no passage has
     */
    public record Imported(int kept, int unchanged, int unknown) {}

    private String key() {
        return PassageAugmentations.key(model, recipes.current().augmentation());
    }

    /**
     * Writes all augmentations of the model and recipe in force; pairs that came with documents stay with these.
     *
     * @return how many
     */
    public int write(Path file) {
        int written = 0;
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            String after = "";
            List<Augmentations.Kept> page;
            do {
                page = kept.page(key(), after, PAGE);
                for (Augmentations.Kept one : page) {
                    Augmentation augmentation = PassageAugmentations.read(one.body());
                    out.write(JSON.writeValueAsString(
                            new Line(one.textHash(), one.text(), augmentation.rewrites(), augmentation.pairs())));
                    out.newLine();
                    after = one.textHash();
                    written++;
                }
            } while (!page.isEmpty());
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    file + " can't be written: " + IoReason.of(e) + "; name another",
                    e);
        }
        return written;
    }

    /**
     * Takes augmentations in, in place of what is kept. Passages that were encoded from another one are pending again.
     *
     * @throws UserException naming the line and what is wrong with it; lines before it are taken in then
     */
    public Imported read(Path file) {
        int lines = 0;
        int taken = 0;
        int unchanged = 0;
        int unknown = 0;
        try (BufferedReader in = Files.newBufferedReader(file)) {
            for (String text = in.readLine(); text != null; text = in.readLine()) {
                lines++;
                if (text.isBlank()) {
                    continue;
                }
                Line line = line(
                        lines == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text, file + " line " + lines);
                String hash = line.textHash() == null ? Hashes.sha256(line.text()) : line.textHash();
                Optional<String> its = kept.text(hash);
                if (its.isPresent() && !its.get().equals(line.text())) {
                    throw new UserException(file + " line " + lines
                            + " has a text_hash that is not its text's; leave the text as it was exported");
                }
                if (its.isEmpty()) {
                    unknown++;
                } else {
                    taken++;
                    unchanged += keep(hash, line, file) ? 0 : 1;
                }
            }
        } catch (CharacterCodingException e) {
            throw new UserException(UserException.Kind.BAD_INPUT, file + " is not UTF-8 text; convert it first", e);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.NOT_FOUND, file + " can't be read: " + IoReason.of(e) + "; name a file", e);
        }
        kept.publishQuestions();
        return new Imported(taken, unchanged, unknown);
    }

    /** Whether it is another one than before. */
    private boolean keep(String hash, Line line, Path file) {
        Augmentation augmentation = new Augmentation(line.rewrites(), line.pairs(), List.of());
        Optional<String> before = kept.find(hash, key());
        boolean same = before.map(PassageAugmentations::read)
                .filter(old -> old.hash().equals(augmentation.hash()))
                .isPresent();
        if (same) {
            return false;
        }
        Making making = Making.imported(file.getFileName().toString(), line.text(), augmentation);
        return kept.replace(
                hash,
                key(),
                PassageAugmentations.write(augmentation),
                augmentation.questions(),
                PassageAugmentations.write(making),
                PassageAugmentations.write(making.figures()),
                runtime.modelId(),
                recipes.current().hash());
    }

    private Line line(String json, String where) {
        Line line;
        try {
            line = JSON.readValue(json, Line.class);
        } catch (JsonProcessingException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    where + " is not what is expected: " + JsonMistake.said(e)
                            + "; a line is an object with text, rewrites and pairs",
                    e);
        }
        if (line == null || line.text() == null || line.pairs() == null) {
            throw new UserException(
                    where + " has no text or no pairs; a line is an object with text, rewrites and pairs");
        }
        int least = recipes.current().augmentation().asksForPairs() ? 1 : 0;
        if (line.pairs().size() < least || line.pairs().size() > MOST_PAIRS) {
            throw new UserException(
                    where + " has " + line.pairs().size() + " pairs; give " + least + " to " + MOST_PAIRS);
        }
        return new Line(
                line.textHash(),
                line.text(),
                line.rewrites() == null ? List.of() : line.rewrites(),
                checked(line.pairs(), where));
    }

    private static List<Pair> checked(List<Pair> pairs, String where) {
        Set<String> questions = new HashSet<>();
        pairs.forEach(pair -> questions.add(pair == null ? null : pair.question()));
        return pairs.stream().map(pair -> checked(pair, questions, where)).toList();
    }

    private static Pair checked(Pair pair, Set<String> questions, String where) {
        if (pair == null || isBlank(pair.question()) || isBlank(pair.answer())) {
            throw new UserException(where + " has a pair without question or answer; give both, or take it out");
        }
        if (pair.paraphraseOf() != null && !questions.contains(pair.paraphraseOf())) {
            throw new UserException(where + " has a pair that is a paraphrase of \"" + pair.paraphraseOf()
                    + "\", which is none of its questions; name one, or leave paraphraseOf out");
        }
        String full = isBlank(pair.fullAnswer()) ? pair.answer() : pair.fullAnswer();
        return new Pair(pair.question(), pair.answer(), full, pair.kind(), pair.paraphraseOf());
    }

    private static boolean isBlank(String text) {
        return text == null || text.isBlank();
    }

    /** How the augmentations of the model and recipe in force were made, as sums; see {@link Making#figures}. */
    public Map<String, Long> figures() {
        return kept.figures(key());
    }

    /** What a passage's text is known by. */
    public String hash(String text) {
        return Hashes.sha256(text);
    }

    /** The augmentation of a text under the model and recipe in force. */
    public Optional<Augmentations.Kept> find(String text) {
        return kept.read(Hashes.sha256(text), key());
    }
}
