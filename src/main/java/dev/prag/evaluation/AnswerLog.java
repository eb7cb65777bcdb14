package dev.prag.evaluation;

import dev.prag.answering.Answer;

/** Where answers are kept as they come, so that none is asked for again. Safe for use by many threads. */
interface AnswerLog {
    /** The outcome that is kept under a key; null if there is none. */
    Outcome known(String key);

    /** Keeps an answer. */
    void keep(String key, Row row, Question question, Answer answer, Outcome outcome);

    /** Keeps nothing. */
    AnswerLog NONE = new AnswerLog() {
        @Override
        public Outcome known(String key) {
            return null;
        }

        @Override
        public void keep(String key, Row row, Question question, Answer answer, Outcome outcome) {}
    };
}
