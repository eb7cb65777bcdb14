package dev.prag.evaluation;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Texts about nothing in particular: a composition should leave the model as it is where they are read. */
public final class NeutralText {
    private static final String FILE = "/evaluation/neutral.txt";

    private NeutralText() {}

    /** One paragraph each. */
    public static List<String> all() {
        try (InputStream in = NeutralText.class.getResourceAsStream(FILE)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return List.of(text.strip().split("\n\n"));
        } catch (IOException e) {
            throw new IllegalStateException(FILE, e);
        }
    }
}
