package dev.prag.augmentation;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts off what a model wrote while it reasoned: blocks such as {@code <think>…</think>}, and the channels of the
 * harmony format. Where the passage itself speaks of such marks, only blocks before the answer are taken for reasoning.
 */
final class Reasoning {
    private static final String NAMES =
            "think|thinking|thought|thoughts|reason|reasoning|analysis|reflection|scratchpad";
    private static final Pattern OPEN = Pattern.compile(
            "<(?:\\w+:)?(?:" + NAMES + ")(?:\\s[^<>]*)?>"
                    + "|\\[(?:" + NAMES + ")]"
                    + "|<\\|(?:begin_of_|start_)?(?:" + NAMES + ")\\|>"
                    + "|◁(?:" + NAMES + ")▷",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern CLOSE = Pattern.compile(
            "</(?:\\w+:)?(?:" + NAMES + ")\\s*>"
                    + "|\\[/(?:" + NAMES + ")]"
                    + "|<\\|(?:/|end_|end_of_)(?:" + NAMES + ")\\|>"
                    + "|◁/(?:" + NAMES + ")▷",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern FINAL_CHANNEL =
            Pattern.compile("<\\|channel\\|>\\s*final[^<]*<\\|message\\|>|assistant\\s?final(?=[^a-z])|assistantfinal");
    private static final Pattern ANALYSIS_CHANNEL = Pattern.compile(
            "(?:<\\|start\\|>\\s*assistant\\s*)?<\\|channel\\|>\\s*(?:analysis|commentary)|analysis(?=\\p{Lu})");
    private static final Pattern CHANNEL_END = Pattern.compile("<\\|(?:return|end|start)\\|>");

    private Reasoning() {}

    /** The text without reasoning; empty where it is nothing else, such as a block that never ends. */
    static String cut(String text, String passage) {
        String answer = ofFinalChannel(text.strip());
        boolean spokenOf =
                OPEN.matcher(passage).find() || CLOSE.matcher(passage).find();
        return (spokenOf ? withoutLeadingBlocks(answer) : withoutBlocks(answer)).strip();
    }

    /** Whether the model began to reason and never came to an answer. */
    static boolean neverEnds(String text, String passage) {
        return !text.isBlank() && cut(text, passage).isEmpty();
    }

    private static String ofFinalChannel(String text) {
        Matcher analysis = ANALYSIS_CHANNEL.matcher(text);
        boolean inChannels =
                analysis.lookingAt() || text.toLowerCase(Locale.ROOT).startsWith("<|channel|>");
        if (!inChannels) {
            return text;
        }
        int from = -1;
        Matcher end = FINAL_CHANNEL.matcher(text);
        while (end.find()) {
            from = end.end();
        }
        return from < 0 ? "" : CHANNEL_END.split(text.substring(from), 2)[0];
    }

    private static String withoutLeadingBlocks(String text) {
        String rest = text;
        Matcher open = OPEN.matcher(rest);
        while (open.lookingAt()) {
            Matcher close = CLOSE.matcher(rest);
            if (!close.find(open.end())) {
                return "";
            }
            rest = rest.substring(close.end()).strip();
            open = OPEN.matcher(rest);
        }
        return rest;
    }

    private static String withoutBlocks(String text) {
        String rest = text;
        while (true) {
            Matcher open = OPEN.matcher(rest);
            Matcher close = CLOSE.matcher(rest);
            boolean opens = open.find();
            boolean closes = close.find(0);
            if (closes && (!opens || close.start() < open.start())) {
                // The template has written the opening mark: all before the closing one is reasoning.
                rest = rest.substring(close.end());
            } else if (opens) {
                String before = rest.substring(0, open.start());
                rest = close.find(open.end()) ? before + rest.substring(close.end()) : before;
            } else {
                return rest;
            }
        }
    }
}
