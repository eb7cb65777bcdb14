package dev.prag.extraction;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the program and the process that reads files say to each other, over the latter's standard input and output. */
final class Wire {
    private static final int NONE = -1;

    private Wire() {}

    /**
     * A file to be read.
     *
     * @param most characters that its text may have
     */
    record Request(String file, Format format, int most) {
        void write(DataOutputStream out) throws IOException {
            text(out, file);
            text(out, format.name());
            out.writeInt(most);
            out.flush();
        }

        static Request read(DataInputStream in) throws IOException {
            return new Request(text(in), Format.valueOf(text(in)), in.readInt());
        }
    }

    static void write(DataOutputStream out, Extracted extracted) throws IOException {
        out.writeBoolean(true);
        text(out, extracted.text());
        text(out, extracted.title());
        out.writeInt(extracted.metadata().size());
        for (Map.Entry<String, Object> entry : extracted.metadata().entrySet()) {
            text(out, entry.getKey());
            boolean number = entry.getValue() instanceof Integer;
            out.writeBoolean(number);
            text(out, entry.getValue().toString());
        }
        out.writeInt(extracted.pages().size());
        for (int page : extracted.pages()) {
            out.writeInt(page);
        }
        out.writeInt(extracted.notes().size());
        for (String note : extracted.notes()) {
            text(out, note);
        }
        out.flush();
    }

    static void write(DataOutputStream out, RefusedException refused) throws IOException {
        out.writeBoolean(false);
        text(out, refused.reason().name());
        text(out, refused.getMessage());
        out.flush();
    }

    /** The answer to a request. */
    static Extracted read(DataInputStream in) throws IOException, RefusedException {
        if (!in.readBoolean()) {
            throw new RefusedException(RefusedException.Reason.valueOf(text(in)), text(in));
        }
        String text = text(in);
        String title = text(in);
        Map<String, Object> metadata = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            String key = text(in);
            boolean number = in.readBoolean();
            String value = text(in);
            metadata.put(key, number ? (Object) Integer.valueOf(value) : value);
        }
        List<Integer> pages = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            pages.add(in.readInt());
        }
        List<String> notes = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            notes.add(text(in));
        }
        return new Extracted(text, title, metadata, pages, notes);
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        if (text == null) {
            out.writeInt(NONE);
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        return length == NONE ? null : new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
}
