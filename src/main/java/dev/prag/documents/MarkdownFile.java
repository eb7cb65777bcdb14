package dev.prag.documents;

import dev.prag.documents.TextBlock.Kind;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A Markdown file: what its front matter says, and its text without that.
 *
 * @param title of the front matter, else the first heading of the first level; null if there is neither
 * @param metadata the other fields of the front matter
 */
record MarkdownFile(String title, Map<String, Object> metadata, String text) {
    private static final String TITLE = "title";
    private static final String TAGS = "tags";

    static MarkdownFile of(String content) {
        FrontMatter front = FrontMatter.of(content);
        Map<String, Object> metadata = new LinkedHashMap<>(front.fields());
        String title = null;
        if (metadata.get(TITLE) instanceof String || metadata.get(TITLE) instanceof Number) {
            title = metadata.remove(TITLE).toString().strip();
        }
        if (metadata.get(TAGS) instanceof String tags) {
            metadata.put(
                    TAGS,
                    Arrays.stream(tags.split(","))
                            .map(String::strip)
                            .filter(tag -> !tag.isEmpty())
                            .toList());
        }
        if (title == null || title.isEmpty()) {
            title = TextBlocks.of(front.body()).stream()
                    .filter(block -> block.kind() == Kind.HEADING && block.level() == 1)
                    .map(TextBlock::title)
                    .findFirst()
                    .orElse(null);
        }
        return new MarkdownFile(title, metadata, front.body());
    }
}
