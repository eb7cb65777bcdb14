package dev.prag.augmentation;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import dev.prag.base.UserException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * The prompts that a recipe names: a set that comes with the program, or a file. A file is read once, when they are
 * named, and kept: one that changes meanwhile doesn't mix two wordings. What counts is the wording, not where it lies: a
 * file with the wording of a set that comes with the program is that set.
 *
 * @param named as a recipe names them: the set's name, or the file's whole path
 * @param set the prompts
 * @param questions how questions are asked for one by one; null where the set doesn't say
 */
@RegisterForReflection
@JsonDeserialize(using = Prompts.Reader.class)
public record Prompts(@JsonValue String named, PromptSet set, QuestionPrompts questions) {
    /** The attribute of a JSON reader that names the file which paths are seen from. */
    public static final String BESIDE = "prag.beside";

    /**
     * The prompts of that name, or in that file.
     *
     * @param beside the file that a path is seen from; null for the working directory
     * @throws UserException if there are none, or the file is no prompt set
     */
    public static Prompts of(String nameOrFile, Path beside) {
        if (PromptSet.NAMES.contains(nameOrFile)) {
            return new Prompts(nameOrFile, PromptSet.named(nameOrFile), QuestionPrompts.shipped(nameOrFile));
        }
        try {
            Path path = Path.of(nameOrFile);
            Path file = (beside == null ? path : beside.resolveSibling(path))
                    .toAbsolutePath()
                    .normalize();
            if (!nameOrFile.isBlank() && Files.exists(file)) {
                return PromptFile.read(file);
            }
        } catch (InvalidPathException e) {
            // No file can be called so; what follows says that there is none.
        }
        throw new UserException(
                UserException.Kind.NOT_FOUND,
                "prompt set " + nameOrFile + ": there is none of that name, and no such file"
                        + (beside == null ? "" : " seen from " + beside.getFileName()) + "; choose one of "
                        + String.join(", ", PromptSet.NAMES)
                        + ", or a file such as `prag prompts show instruct` makes");
    }

    /**
     * How questions are asked for one by one.
     *
     * @throws UserException if these prompts don't say
     */
    QuestionPrompts requireQuestions() {
        if (questions == null) {
            throw new UserException("recipe: questions are asked for one by one, for which the prompt set " + named
                    + " has no prompts; "
                    + (PromptSet.NAMES.contains(named) ? "name the set instruct" : "give it the field questions")
                    + ", or leave augmentation.questions out");
        }
        return questions;
    }

    /** As a file that {@link #of} reads, for people. */
    public String toFile() {
        return PromptFile.write(this);
    }

    /** Reads a name or a path within a recipe. */
    @RegisterForReflection
    static final class Reader extends StdDeserializer<Prompts> {
        Reader() {
            super(Prompts.class);
        }

        @Override
        public Prompts deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            String named = parser.getValueAsString();
            if (named == null) {
                return (Prompts) context.handleUnexpectedToken(Prompts.class, parser);
            }
            return of(named, (Path) context.getAttribute(BESIDE));
        }
    }
}
