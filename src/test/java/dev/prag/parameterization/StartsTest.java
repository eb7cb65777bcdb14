package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.adapterstore.Blobs;
import dev.prag.base.UserException;
import dev.prag.database.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class StartsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path folder;

    @Inject
    Starts starts;

    @Inject
    Blobs blobs;

    private Path peft(String content) throws IOException {
        Path made = Files.createDirectory(folder.resolve(content));
        Files.writeString(made.resolve("adapter_config.json"), "{}");
        Files.writeString(made.resolve("adapter_model.safetensors"), content);
        Files.writeString(made.resolve("warmup.json"), "{\"made\":\"so\"}");
        return made;
    }

    private Recipe recipe(String init) throws IOException {
        ObjectNode recipe = (ObjectNode) JSON.readTree(Recipe.load("demo").toJson());
        ((ObjectNode) recipe.get("training")).put("init", init);
        return Recipe.load(Files.writeString(folder.resolve("recipe.json"), recipe.toString())
                .toString());
    }

    private Path fetched(String id) {
        Start start = Start.of(id);
        start.fetchedBy(starts);
        return start.folder();
    }

    @Test
    void whatIsKeptIsFoundByItsContentWhereTheFolderIsNot() throws IOException {
        Path made = peft("one");
        String id = starts.keep(made);
        assertEquals(id, starts.keep(made));
        Recipe byId = recipe(id);
        assertEquals(byId, recipe(id));
        assertEquals(recipe(made.toString()).hash(), byId.hash());
        assertTrue(byId.toJson().contains(id), "it says the same on every machine");
        for (String file : new String[] {"adapter_config.json", "adapter_model.safetensors", "warmup.json"}) {
            Files.delete(made.resolve(file));
        }
        Path there = fetched(id);
        assertEquals("one", Files.readString(there.resolve("adapter_model.safetensors")));
        assertEquals("{\"made\":\"so\"}", Files.readString(there.resolve("warmup.json")));
        Files.writeString(there.resolve("adapter_model.safetensors"), "other");
        assertRefused(() -> fetched(id), there + " is damaged");
    }

    @Test
    void whatIsNotThereIsRefusedByName() throws IOException {
        String id = starts.keep(peft("two"));
        String hash = id.substring("sha256:".length());
        blobs.put("starts/" + hash + "/adapter_model.safetensors", new byte[] {1});
        assertRefused(() -> fetched(id), "what the store has there is damaged");
        blobs.delete("starts/" + hash + "/adapter_model.safetensors");
        assertRefused(() -> fetched(id), id + ", which isn't in the store");
        UserException e = assertThrows(UserException.class, () -> recipe(id.substring(0, 20)));
        assertTrue(e.getMessage().contains("64 characters"), e.getMessage());
    }

    private static void assertRefused(Runnable what, String words) {
        UserException e = assertThrows(UserException.class, what::run);
        assertTrue(e.getMessage().contains(words), e.getMessage());
    }
}
