package dev.prag.extraction;

import dev.prag.extraction.RefusedException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.poi.openxml4j.util.ZipSecureFile;
import org.apache.tika.detect.DefaultDetector;
import org.apache.tika.detect.Detector;
import org.apache.tika.exception.EncryptedDocumentException;
import org.apache.tika.exception.TikaException;
import org.apache.tika.extractor.EmbeddedDocumentExtractor;
import org.apache.tika.io.TikaInputStream;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.metadata.Office;
import org.apache.tika.metadata.PagedText;
import org.apache.tika.metadata.Property;
import org.apache.tika.metadata.TikaCoreProperties;
import org.apache.tika.parser.AutoDetectParser;
import org.apache.tika.parser.AutoDetectParserConfig;
import org.apache.tika.parser.ParseContext;
import org.apache.tika.parser.epub.EpubParser;
import org.apache.tika.parser.html.HtmlMapper;
import org.apache.tika.parser.html.IdentityHtmlMapper;
import org.apache.tika.parser.html.JSoupParser;
import org.apache.tika.parser.microsoft.ooxml.OOXMLParser;
import org.apache.tika.parser.microsoft.rtf.RTFParser;
import org.apache.tika.parser.odf.OpenDocumentParser;
import org.apache.tika.parser.pdf.PDFParser;
import org.apache.tika.parser.pdf.PDFParserConfig;
import org.xml.sax.ContentHandler;
import org.xml.sax.SAXException;

/** Reads files with Tika's parsers, and says of what can't be read why. */
final class TikaReader {
    /** Elements inside each other. */
    private static final int DEEPEST = 500;
    /** Of an entry of a file that is a zip inside, unpacked. */
    private static final long LARGEST_ENTRY = 512L << 20;
    /** Characters of a value of metadata. */
    private static final int LONGEST = 500;

    private static final Map<String, Property> METADATA = new LinkedHashMap<>();

    static {
        METADATA.put("author", TikaCoreProperties.CREATOR);
        METADATA.put("created", TikaCoreProperties.CREATED);
        METADATA.put("modified", TikaCoreProperties.MODIFIED);
        METADATA.put("language", TikaCoreProperties.LANGUAGE);
        METADATA.put("keywords", Office.KEYWORDS);
    }

    private final Detector detector = new DefaultDetector();
    private final AutoDetectParser parser;

    TikaReader() {
        ZipSecureFile.setMaxEntrySize(LARGEST_ENTRY);
        parser = new AutoDetectParser(
                detector,
                new PDFParser(),
                new OOXMLParser(),
                new OpenDocumentParser(),
                new JSoupParser(),
                new EpubParser(),
                new RTFParser());
        AutoDetectParserConfig config = new AutoDetectParserConfig();
        config.setMaximumDepth(DEEPEST);
        parser.setAutoDetectParserConfig(config);
    }

    Extracted read(Wire.Request request) throws RefusedException {
        Format format = request.format();
        Metadata metadata = new Metadata();
        MarkdownHandler text = new MarkdownHandler(format, request.most());
        if (format == Format.CSV) {
            return CsvReader.read(Path.of(request.file()), request.most());
        }
        try (TikaInputStream in = TikaInputStream.get(Path.of(request.file()), metadata)) {
            // Only the ending: a name may hold anything.
            metadata.set(TikaCoreProperties.RESOURCE_NAME_KEY, "file." + format.extension());
            require(format, detector.detect(in, metadata).toString());
            parser.parse(in, text, metadata, context());
        } catch (RefusedException e) {
            throw e;
        } catch (EncryptedDocumentException e) {
            throw encrypted();
        } catch (StackOverflowError e) {
            throw new RefusedException(
                    Reason.TOO_HARD, "is nested too deeply to be read; make it flatter, or save its text alone");
        } catch (IOException | SAXException | TikaException | RuntimeException | LinkageError e) {
            throw refused(format, e);
        }
        return extracted(format, text, metadata);
    }

    private static void require(Format format, String type) throws RefusedException {
        if (type.contains("ooxml-protected")) {
            throw encrypted();
        }
        if (!format.holds(type)) {
            throw new RefusedException(
                    Reason.BROKEN,
                    "is not " + format + " as its name says" + (type.endsWith("octet-stream") ? "" : ", but " + type)
                            + "; name it by what it is, or save it as " + format + " again");
        }
    }

    private static RefusedException encrypted() {
        return new RefusedException(Reason.ENCRYPTED, "is encrypted; save it without a password");
    }

    private static RefusedException refused(Format format, Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            String message =
                    cause.getMessage() == null ? "" : cause.getMessage().toLowerCase(Locale.ROOT);
            if (cause instanceof MarkdownHandler.TooLongException tooLong) {
                return new RefusedException(Reason.TOO_LARGE, tooLong.getMessage());
            }
            if (cause instanceof EncryptedDocumentException
                    || message.contains("bouncycastle")
                    || message.contains("password")) {
                return encrypted();
            }
            if (message.contains("zip bomb") || message.contains("nesting level")) {
                return new RefusedException(
                        Reason.TOO_LARGE,
                        "unpacks to many times its size, or is nested without end, as only files do that are meant to"
                                + " harm; save its text alone");
            }
        }
        return new RefusedException(
                Reason.BROKEN, "is damaged, or no " + format + " that can be read; open it and save it again");
    }

    private static ParseContext context() {
        ParseContext context = new ParseContext();
        PDFParserConfig pdf = new PDFParserConfig();
        pdf.setOcrStrategy(PDFParserConfig.OCR_STRATEGY.NO_OCR);
        pdf.setExtractBookmarksText(false);
        pdf.setExtractAnnotationText(false);
        pdf.setCatchIntermediateIOExceptions(false);
        context.set(PDFParserConfig.class, pdf);
        context.set(HtmlMapper.class, IdentityHtmlMapper.INSTANCE);
        // What is attached or embedded is another document.
        context.set(EmbeddedDocumentExtractor.class, new EmbeddedDocumentExtractor() {
            @Override
            public boolean shouldParseEmbedded(Metadata metadata) {
                return false;
            }

            @Override
            public void parseEmbedded(
                    InputStream stream, ContentHandler handler, Metadata metadata, boolean outputHtml) {}
        });
        return context;
    }

    private static Extracted extracted(Format format, MarkdownHandler handler, Metadata metadata)
            throws RefusedException {
        String text = handler.text();
        List<Integer> pages = handler.pages();
        if (text.isBlank()) {
            throw new RefusedException(
                    Reason.NO_TEXT,
                    format == Format.PDF
                            ? "has no text on its " + pages.size()
                                    + " pages, which are pictures, as a scanner makes them, or damaged; have their text"
                                    + " recognised first, such as by ocrmypdf, or save it again"
                            : "is empty: it has no text; give it one");
        }
        Map<String, Object> kept = new LinkedHashMap<>();
        METADATA.forEach((key, property) -> {
            String value = value(metadata, property);
            if (value != null) {
                kept.put(key, value);
            }
        });
        kept.put("format", format.name().toLowerCase(Locale.ROOT));
        if (!pages.isEmpty()) {
            kept.put("pages", pages.size());
        } else if (metadata.getInt(PagedText.N_PAGES) != null) {
            kept.put("pages", metadata.getInt(PagedText.N_PAGES));
        }
        List<String> notes = new ArrayList<>();
        if (handler.emptyPages() > 0) {
            notes.add(handler.emptyPages() + " of " + pages.size()
                    + " pages have no text; if they are pictures, have their text recognised");
        }
        return new Extracted(text, title(format, handler, metadata), kept, pages, notes);
    }

    private static String title(Format format, MarkdownHandler handler, Metadata metadata) {
        String title = value(metadata, TikaCoreProperties.TITLE);
        if (title != null && !isMadeUp(title)) {
            return title;
        }
        return format.isSheet() ? null : handler.firstHeading();
    }

    /** What programs call a document that nobody gave a title. */
    private static boolean isMadeUp(String title) {
        String lower = title.toLowerCase(Locale.ROOT);
        return lower.startsWith("untitled")
                || lower.startsWith("microsoft word - ")
                || lower.startsWith("powerpoint presentation")
                || lower.startsWith("(anonymous)")
                || lower.matches("(document|presentation|slide|book|sheet)\\s?\\d*")
                || lower.matches("\\S+\\.(docx?|pptx?|xlsx?|odt|pdf|tex|dvi|indd|qxd|rtf|html?)");
    }

    private static String value(Metadata metadata, Property property) {
        String value = metadata.get(property);
        if (value == null) {
            return null;
        }
        // Control characters, too: PostgreSQL keeps no U+0000.
        String plain = value.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        return plain.isEmpty()
                ? null
                : plain.substring(
                        0, plain.offsetByCodePoints(0, Math.min(LONGEST, plain.codePointCount(0, plain.length()))));
    }
}
