package dev.prag.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MarkdownFileTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '§',
            quoteCharacter = '"',
            value = {
                "# The Ferry § The Ferry",
                "#\\tThe Ferry § The Ferry",
                "~~ # The Ferry ##  § The Ferry",
                "The Ferry\\n=== § The Ferry",
                "# *The* [Ferry](x) `now` <b>&amp;</b> § The Ferry now &",
                "Text.\\n\\n## Not this\\n\\n# The Ferry § The Ferry",
                "#\\n\\n# The Ferry § The Ferry",
                "```\\n# comment\\n```\\n# The Ferry § The Ferry",
                "<!--\\n# hidden\\n-->\\n# The Ferry § The Ferry",
                "~~~~# code\\n\\n# The Ferry § The Ferry",
                "> # quoted\\n\\n# The Ferry § The Ferry",
                "---\\nid: 7\\n---\\n# The Ferry § The Ferry",
                "---\\ntitle: The Ferry\\n---\\n# Another § The Ferry",
                "---\\ntitle: 'The Ferry: winter'\\n...\\n# Another § The Ferry: winter",
                "---\\ntitle: The Ferry: winter\\n---\\n# Another § The Ferry: winter",
                "---\\r\\ntitle: The Ferry\\r\\n---\\r\\ntext § The Ferry",
                "+++\\ntitle = 'The Ferry'\\n+++\\n# Another § The Ferry",
                "---\\n# comment\\ntitle: 2024\\n--- § 2024"
            })
    void theTitleIsTheFirstRealHeadingOrThatOfFrontMatter(String markdown, String title) {
        assertEquals(
                title,
                MarkdownFile.of(markdown.translateEscapes().replace('~', ' ')).title());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text",
                "#hashtag",
                "####### seven",
                "\\# escaped",
                "```\n# a\n",
                "<!--\n# a\n",
                "## second level",
                "# "
            })
    void whatIsNoHeadingOfTheFirstLevelIsNoTitle(String markdown) {
        assertNull(MarkdownFile.of(markdown).title());
    }

    @Test
    void frontMatterBecomesMetadataAndIsNoText() {
        MarkdownFile file = MarkdownFile.of("---\ntitle: T\ntags: [sea, ferry]\nauthor: Vera\ndraft: true\npages: 12\n"
                + "version: 1.10\ndate: 2024-01-05\nempty:\nnested: {a: 1}\n---\nText.\n");
        assertEquals("Text.\n", file.text());
        assertEquals(
                Map.of(
                        "tags",
                        List.of("sea", "ferry"),
                        "author",
                        "Vera",
                        "draft",
                        true,
                        "pages",
                        12,
                        "version",
                        "1.10",
                        "date",
                        "2024-01-05"),
                file.metadata());
        assertEquals(
                List.of("sea", "ferry"),
                MarkdownFile.of("---\ntags: sea, ferry ,\n---\n").metadata().get("tags"));
    }

    @Test
    void whatIsNotQuiteYamlIsReadLooselyAndTextBetweenRulesIsText() {
        MarkdownFile loose = MarkdownFile.of("---\ntitle: a: b\ntitle: c\nx: \"y\"\n- z\n---\nText.");
        assertEquals("a: b", loose.title());
        assertEquals(Map.of("x", "y"), loose.metadata());
        for (String text :
                List.of("---\nJust words: and: more\nof a text.\n---\nText.", "---\nA line.\n---\n", "---\na: b")) {
            assertEquals(text, MarkdownFile.of(text).text());
        }
    }

    @Test
    void aBombIsNoFrontMatter() {
        StringBuilder bomb = new StringBuilder("---\na0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 30; i++) {
            bomb.append("a" + i + ": &a" + i + " [" + ("*a" + (i - 1) + ",").repeat(9) + "]\n");
        }
        MarkdownFile file = MarkdownFile.of(bomb + "---\nText.");
        assertEquals("Text.", file.text());
        assertEquals(
                "Text.",
                MarkdownFile.of("---\na: &a [*a]\nb: " + "[".repeat(5000) + "\n---\nText.")
                        .text());
    }
}
