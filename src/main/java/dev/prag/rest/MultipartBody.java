package dev.prag.rest;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.multipart.Attribute;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.FileUpload;
import io.netty.handler.codec.http.multipart.HttpPostMultipartRequestDecoder;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A body of {@code multipart/form-data}: its files as temporary ones, until this is closed, and its fields. */
final class MultipartBody implements AutoCloseable {
    private static final int MOST_PARTS = 1000;
    /** Of the beginning of a part, before its content. */
    private static final int MOST_HEADER_BYTES = 1 << 14;
    /** Bytes at the end of a body, among which what ends it has to be. */
    private static final int TAIL = 512;
    /** Bytes of a field. */
    private static final int LONGEST_FIELD = 1 << 20;

    private final Path folder;
    private final HttpPostMultipartRequestDecoder decoder;
    private final List<Part> files = new ArrayList<>();
    private final Map<String, List<String>> fields = new LinkedHashMap<>();

    /**
     * A file that was sent.
     *
     * @param name that it was sent under
     */
    record Part(String name, Path content) {}

    private MultipartBody(Path folder, HttpPostMultipartRequestDecoder decoder) {
        this.folder = folder;
        this.decoder = decoder;
    }

    /**
     * Reads a body.
     *
     * @param type the request's Content-Type, which says what stands between the parts
     * @throws UserException if it is not what its type says, or has too many parts
     */
    static MultipartBody read(Body body, String type) {
        String boundary = MediaType.valueOf(type).getParameters().get("boundary");
        if (boundary == null || boundary.isEmpty()) {
            throw new UserException(
                    "the request's Content-Type multipart/form-data names no boundary; send it as clients"
                            + " do that make forms");
        }
        try {
            Path folder = Files.createTempDirectory("prag-upload-");
            MultipartBody parts = new MultipartBody(folder, decoder(folder, type));
            try {
                parts.fill(body, "--" + boundary + "--");
                return parts;
            } catch (RuntimeException | IOException e) {
                parts.close();
                throw e;
            }
        } catch (HttpPostRequestDecoder.TooManyFormFieldsException e) {
            throw new UserException(
                    UserException.Kind.TOO_LARGE,
                    "the request's body has more than " + MOST_PARTS + " parts; send less at once",
                    e);
        } catch (HttpPostRequestDecoder.ErrorDataDecoderException
                | HttpPostRequestDecoder.TooLongFormFieldException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    "the request's body is not the multipart/form-data that its Content-Type says, or ends too early;"
                            + " send it again",
                    e);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT, "the files can't be kept for reading: " + IoReason.of(e), e);
        }
    }

    private static HttpPostMultipartRequestDecoder decoder(Path folder, String type) {
        DefaultHttpDataFactory factory = new DefaultHttpDataFactory(true, StandardCharsets.UTF_8);
        factory.setBaseDir(folder.toString());
        factory.setDeleteOnExit(false);
        DefaultHttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/");
        request.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
        return new HttpPostMultipartRequestDecoder(
                factory, request, StandardCharsets.UTF_8, MOST_PARTS, MOST_HEADER_BYTES);
    }

    /** @param end what stands at the end of a whole body */
    private void fill(Body body, String end) throws IOException {
        byte[] some = new byte[1 << 16];
        String last = "";
        for (int count = body.read(some); count >= 0; count = body.read(some)) {
            offer(new DefaultHttpContent(Unpooled.copiedBuffer(some, 0, count)));
            String tail = last + new String(some, 0, count, StandardCharsets.ISO_8859_1);
            last = tail.substring(Math.max(0, tail.length() - TAIL));
        }
        if (!last.contains(end)) {
            throw new HttpPostRequestDecoder.ErrorDataDecoderException("the end is missing");
        }
        offer(new DefaultLastHttpContent());
        for (InterfaceHttpData part : decoder.getBodyHttpDatas()) {
            take(part);
        }
    }

    private void offer(HttpContent content) {
        try {
            decoder.offer(content);
        } finally {
            content.release();
        }
    }

    private void take(InterfaceHttpData part) throws IOException {
        if (part instanceof FileUpload file) {
            // What a form sends for a field of files without one.
            if (!file.getFilename().isEmpty()) {
                files.add(new Part(file.getFilename(), file.getFile().toPath()));
            }
        } else if (part instanceof Attribute field) {
            if (field.length() > LONGEST_FIELD) {
                throw new UserException(
                        UserException.Kind.TOO_LARGE,
                        "the field " + field.getName() + " has more than " + LONGEST_FIELD + " bytes; shorten it");
            }
            fields.computeIfAbsent(field.getName(), name -> new ArrayList<>()).add(field.getValue());
        }
    }

    List<Part> files() {
        return files;
    }

    /** The values of a field, in their order. */
    List<String> all(String field) {
        return fields.getOrDefault(field, List.of());
    }

    /** The only value of a field; null if it isn't there or is blank. */
    String one(String field) {
        List<String> values = all(field);
        if (values.size() > 1) {
            throw new UserException("the field " + field + " is given twice; send one");
        }
        return values.isEmpty() || values.getFirst().isBlank() ? null : values.getFirst();
    }

    @Override
    public void close() {
        decoder.destroy();
        try (Stream<Path> left = Files.walk(folder)) {
            for (Path file : left.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            // What is left is temporary, and named so.
            return;
        }
    }
}
