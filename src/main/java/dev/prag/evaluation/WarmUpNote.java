package dev.prag.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What lies beside an adapter that was trained on questions, in {@value #FILE}: what it was made of, and the hashes of the
 * questions, so that none of them is evaluated with adapters that began with it.
 *
 * @param made what decides it: equal notes are of equal adapters
 * @param questions their hashes
 */
record WarmUpNote(String made, List<String> questions) {
    static final String FILE = "warmup.json";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Writes it into a folder. */
    void write(Path folder, String file, int samples) throws IOException {
        ObjectNode note = JSON.createObjectNode();
        note.put("made", made);
        note.put("file", file);
        note.put("samples", samples);
        note.set("questions", JSON.valueToTree(questions));
        Files.writeString(folder.resolve(FILE), note + "\n");
    }

    /** That of a folder; null if there is none. */
    static WarmUpNote read(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return null;
        }
        try {
            JsonNode note = JSON.readTree(Files.readAllBytes(file));
            Set<String> questions = new HashSet<>();
            note.path("questions").forEach(hash -> questions.add(hash.asText()));
            return new WarmUpNote(note.path("made").asText(), List.copyOf(questions));
        } catch (IOException e) {
            throw new UserException(
                    Kind.BAD_INPUT,
                    file + " can't be read (" + IoReason.of(e)
                            + "), so it isn't known which questions the adapter was trained on; put it back, or train it"
                            + " again with prag warmup",
                    e);
        }
    }

    /**
     * Refuses questions that the adapters of a recipe were trained on before they were trained on their passages.
     *
     * @throws UserException naming the first of them
     */
    static void requireUnseen(Recipe recipe, List<Question> asked) {
        Start init = recipe.training().init();
        WarmUpNote note = init == null ? null : read(init.folder());
        if (note == null) {
            return;
        }
        Set<String> seen = new HashSet<>(note.questions());
        List<Question> both = asked.stream()
                .filter(question -> seen.contains(question.hash()))
                .toList();
        if (!both.isEmpty()) {
            throw new UserException(
                    Kind.CONFLICT,
                    Evaluator.named(both.getFirst())
                            + (both.size() == 1 ? "" : " and " + (both.size() - 1) + " others of this file")
                            + ": the adapter that all begin with, " + init
                            + ", was trained on it; evaluate other questions, or warm up with others");
        }
    }
}
