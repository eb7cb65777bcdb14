package dev.prag.reproduction;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What questions are asked, and where their passages come from. */
interface Material {
    /** All samples; of each set those by type first. */
    List<Asked> asked();

    /** Fills the corpus; empty where the home has it already. */
    Optional<Run> ingest();

    /** How the passages that these questions need are chosen for encoding: options of {@code prag encode}. */
    List<String> chosen(Asked asked, int topK);

    /** Questions to warm up on before a set's are asked; empty where there are none. */
    Optional<Training> training(String set, int most);

    /** Sets whose seconds table 4 compares. */
    List<String> timed();

    /** How many questions of a set are asked where seconds are measured. */
    int timedQuestions();

    /** Files that have to be written first, with their content. */
    Map<Path, String> files();

    /** What is to be known of all figures, in sentences. */
    List<String> notes();

    /**
     * Questions to warm up on.
     *
     * @param name of them, in files
     * @param file that they are in, once {@code needs} have run
     * @param inputs what decides what is in it, where nothing has to run for it
     */
    record Training(String name, Path file, List<Path> inputs, List<Run> needs) {}
}
