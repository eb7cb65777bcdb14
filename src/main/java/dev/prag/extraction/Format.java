package dev.prag.extraction;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A format of files whose text can be extracted. */
public enum Format {
    PDF(List.of("pdf"), "application/pdf"),
    DOCX(List.of("docx"), "wordprocessingml", "ms-word"),
    PPTX(List.of("pptx"), "presentationml", "ms-powerpoint"),
    XLSX(List.of("xlsx"), "spreadsheetml", "ms-excel"),
    ODT(List.of("odt"), "opendocument.text"),
    HTML(List.of("html", "htm", "xhtml"), "text/html", "application/xhtml+xml"),
    EPUB(List.of("epub"), "application/epub+zip"),
    RTF(List.of("rtf"), "application/rtf", "text/rtf"),
    CSV(List.of("csv", "tsv"));

    private final List<String> extensions;
    private final List<String> types;

    /** @param types parts of the media types that such files have */
    Format(List<String> extensions, String... types) {
        this.extensions = extensions;
        this.types = List.of(types);
    }

    /** The format of files whose names end so. */
    public static Optional<Format> of(String extension) {
        return Arrays.stream(values())
                .filter(format -> format.extensions.contains(extension))
                .findFirst();
    }

    /** All endings of names, in lower case. */
    public static List<String> extensions() {
        return Arrays.stream(values())
                .flatMap(format -> format.extensions.stream())
                .toList();
    }

    /** The ending that its files have first of all. */
    String extension() {
        return extensions.getFirst();
    }

    /** Whether a file of that media type is of this format. */
    boolean holds(String mediaType) {
        return types.stream().anyMatch(mediaType::contains);
    }

    /** Whether its pages are kept as places of passages. */
    boolean hasPages() {
        return this == PDF || this == PPTX;
    }

    /** Whether its tables are all that there is, with a first row that may name the columns. */
    boolean isSheet() {
        return this == XLSX || this == CSV;
    }
}
