package dev.prag.augmentation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.IoReason;
import dev.prag.base.JsonMistake;
import dev.prag.base.UserException;
import dev.prag.base.Utf8;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Prompt sets as JSON files. */
final class PromptFile {
    /** More bytes than this no prompt set has, in UTF-8. */
    static final int MOST_BYTES = 1 << 20;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .defaultSetterInfo(JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL))
            .build();

    private PromptFile() {}

    /** The file's fields: the name is the file's. */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Stored(
            @JsonProperty(required = true) String rewrite,
            @JsonProperty(required = true) String pairs,
            @JsonProperty(required = true) String passage,
            @JsonProperty(required = true) PromptSet.Style direct,
            @JsonProperty(required = true) PromptSet.Style steps,
            @JsonProperty(required = true) List<String> answerMarkers,
            @JsonSetter(nulls = Nulls.SET) List<Shot> shots,
            @JsonSetter(nulls = Nulls.SET) Boolean questionMark,
            @JsonSetter(nulls = Nulls.SET) QuestionPrompts questions) {
        PromptSet named(String name) {
            return new PromptSet(name, rewrite, pairs, passage, direct, steps, answerMarkers, shots, questionMark);
        }
    }

    /** One that comes with the program. */
    static PromptSet shipped(String name) {
        try (InputStream in = PromptSet.class.getResourceAsStream("/prompts/" + name + ".json")) {
            return JSON.readValue(in, Stored.class).named(name);
        } catch (IOException e) {
            throw new IllegalStateException("prompt set " + name, e);
        }
    }

    /**
     * A file's.
     *
     * @throws UserException if it can't be read or is no prompt set
     */
    static Prompts read(Path file) {
        String origin = "prompt set " + file;
        Stored stored = parse(text(file, origin), origin);
        PromptSet own = stored.named(PromptSet.OWN);
        new PromptChecks(origin).check(own, stored.questions());
        // The same words make the same adapters.
        PromptSet set = PromptSet.NAMES.stream()
                .map(PromptSet::named)
                .filter(known -> known.called(PromptSet.OWN).equals(own))
                .findFirst()
                .orElse(own);
        return new Prompts(file.toString(), set, stored.questions());
    }

    private static String text(Path file, String origin) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new UserException(origin + " has more than " + MOST_BYTES
                        + " bytes, which no prompt set needs; name the file with the prompts, or give fewer shots");
            }
            return Utf8.decode(bytes, origin);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT, origin + " can't be read (" + IoReason.of(e) + "); check it", e);
        }
    }

    private static Stored parse(String text, String origin) {
        try {
            Stored stored = JSON.readValue(text, Stored.class);
            if (stored == null) {
                throw new UserException(origin + ": it holds nothing" + REMEDY);
            }
            return stored;
        } catch (JsonProcessingException e) {
            throw new UserException(origin + ": " + JsonMistake.where(e) + said(e) + REMEDY);
        }
    }

    private static final String REMEDY = "; it has to be JSON with the fields that `prag prompts show instruct` prints";

    private static String said(JsonProcessingException e) {
        return switch (e) {
            case UnrecognizedPropertyException unknown -> "there is no such field";
            case MismatchedInputException wrong
            when wrong.getOriginalMessage().startsWith("Missing required") -> "it is missing";
            case MismatchedInputException wrong
            when wrong.getOriginalMessage().startsWith("No content") -> "it holds nothing";
            case MismatchedInputException wrong -> "it has to be " + kind(wrong.getTargetType());
            default -> JsonMistake.said(e);
        };
    }

    private static String kind(Class<?> type) {
        if (type == String.class) {
            return "text";
        }
        if (type == Boolean.class) {
            return "true or false";
        }
        return type != null && List.class.isAssignableFrom(type) ? "a list" : "an object with fields";
    }

    /** As a file that is read as the same set, for people. */
    static String write(Prompts prompts) {
        PromptSet set = prompts.set();
        Stored stored = new Stored(
                set.rewrite(),
                set.pairs(),
                set.passage(),
                set.direct(),
                set.steps(),
                set.answerMarkers(),
                set.shots(),
                set.questionMark(),
                prompts.questions());
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(stored) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("prompt set " + prompts.named(), e);
        }
    }
}
