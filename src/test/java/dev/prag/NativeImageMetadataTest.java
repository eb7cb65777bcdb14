package dev.prag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a native image is told about libraries still fits them: a build of one is too long for every change. */
class NativeImageMetadataTest {
    private static final Path METADATA =
            Path.of("src/main/resources/META-INF/native-image/dev.prag/prag/reachability-metadata.json");

    private static Class<?> load(String name) throws ClassNotFoundException {
        return Class.forName(name, false, NativeImageMetadataTest.class.getClassLoader());
    }

    private static Set<String> registered() throws IOException {
        Set<String> names = new TreeSet<>();
        for (JsonNode type : new ObjectMapper().readTree(METADATA.toFile()).get("reflection")) {
            names.add(type.get("type").asText());
        }
        return names;
    }

    @Test
    void whatIsRegisteredIsThere() throws Exception {
        for (JsonNode type : new ObjectMapper().readTree(METADATA.toFile()).get("reflection")) {
            Class<?> registered = load(type.get("type").asText());
            for (JsonNode method : type.get("methods")) {
                List<Class<?>> parameters = new ArrayList<>();
                for (JsonNode parameter : method.get("parameterTypes")) {
                    parameters.add(load(parameter.asText()));
                }
                Class<?>[] types = parameters.toArray(Class[]::new);
                if (method.get("name").asText().equals("<init>")) {
                    assertNotNull(registered.getDeclaredConstructor(types));
                } else {
                    assertNotNull(
                            registered.getDeclaredMethod(method.get("name").asText(), types));
                }
            }
        }
    }

    /** The service files of LangChain4j are visible in an image, so what they name has to be, too. */
    @Test
    void providersOfLangChain4jAreRegistered() throws IOException {
        Set<String> registered = registered();
        int found = 0;
        for (String service : services()) {
            for (var url : Collections.list(
                    NativeImageMetadataTest.class.getClassLoader().getResources("META-INF/services/" + service))) {
                try (var in = url.openStream()) {
                    for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .toList()) {
                        String provider = line.replaceFirst("#.*", "").strip();
                        if (!provider.isEmpty()) {
                            assertTrue(registered.contains(provider), provider + " of " + service);
                            found++;
                        }
                    }
                }
            }
        }
        assertTrue(found >= 10, "providers were looked at: " + found);
    }

    private static List<String> services() {
        return List.of(
                "dev.langchain4j.spi.classloading.ClassInstanceFactory",
                "dev.langchain4j.spi.classloading.ClassMetadataProviderFactory",
                "dev.langchain4j.spi.data.message.ChatMessageJsonCodecFactory",
                "dev.langchain4j.spi.guardrail.config.InputGuardrailsConfigBuilderFactory",
                "dev.langchain4j.spi.guardrail.config.OutputGuardrailsConfigBuilderFactory",
                "dev.langchain4j.spi.json.JsonCodecFactory",
                "dev.langchain4j.spi.prompt.PromptTemplateFactory",
                "dev.langchain4j.spi.prompt.structured.StructuredPromptFactory",
                "dev.langchain4j.spi.services.AiServiceContextFactory",
                "dev.langchain4j.spi.services.AiServicesFactory",
                "dev.langchain4j.model.openai.spi.OpenAiChatModelBuilderFactory",
                "dev.langchain4j.model.openai.spi.OpenAiStreamingChatModelBuilderFactory",
                "io.quarkiverse.langchain4j.spi.DefaultMemoryIdProvider");
    }

    @Test
    void classesThatAreInitialisedAtRunTimeAreThere() throws Exception {
        Properties settings = new Properties();
        try (var in = Files.newBufferedReader(Path.of("src/main/resources/application.properties"))) {
            settings.load(in);
        }
        String arguments = settings.getProperty("quarkus.native.additional-build-args");
        Matcher names = Pattern.compile("--initialize-at-run-time=(.*)$").matcher(arguments);
        assertTrue(names.find(), arguments);
        int classes = 0;
        for (String name : names.group(1).split("\\\\,")) {
            if (Character.isUpperCase(name.charAt(name.lastIndexOf('.') + 1))) {
                load(name);
                classes++;
            }
        }
        assertEquals(5, classes, arguments);
    }

    @Test
    void resourcesAreThere() throws IOException {
        ClassLoader loader = NativeImageMetadataTest.class.getClassLoader();
        for (String name : List.of(
                "prompts/demo.json",
                "recipes/paper.json",
                "prag-version.properties",
                "postgres-linux-x86_64.txz",
                "org/commonmark/internal/util/entities.txt")) {
            assertFalse(loader.getResource(name) == null, name);
        }
    }
}
