package dev.prag.retrieval;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.lucene.analysis.TokenStream;
import org.junit.jupiter.api.Test;

/** Lucene makes the attributes of words by reflection: a native image has to know those that the analysis uses. */
class AttributesOfNativeImagesTest {
    @Test
    void attributesOfEveryLanguageAreRegistered() throws Exception {
        String registered = Files.readString(
                Path.of("src/main/resources/META-INF/native-image/dev.prag/prag/reachability-metadata.json"));
        for (Language language : Language.values()) {
            try (PassageAnalyzer analyzer = new PassageAnalyzer(language);
                    TokenStream stream = analyzer.tokenStream("text", "Zoë's well-known 漢字")) {
                stream.getAttributeImplsIterator().forEachRemaining(attribute -> {
                    String name = attribute.getClass().getName();
                    assertTrue(registered.contains('"' + name + '"'), name + " of " + language);
                });
            }
        }
    }
}
