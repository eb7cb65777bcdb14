package dev.prag.generation;

import dev.prag.llm.StreamDecoder;

/** Text of tokens as they come, in whole characters. */
interface TokenText {
    /** What became whole with this token. */
    String push(int id);

    /** What is left at the end. */
    String finish();

    /** Of tokens that have no text. */
    TokenText NONE = new TokenText() {
        @Override
        public String push(int id) {
            return "";
        }

        @Override
        public String finish() {
            return "";
        }
    };

    static TokenText of(StreamDecoder decoder) {
        return new TokenText() {
            @Override
            public String push(int id) {
                return decoder.push(id);
            }

            @Override
            public String finish() {
                return decoder.finish();
            }
        };
    }
}
