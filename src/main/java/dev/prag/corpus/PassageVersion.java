package dev.prag.corpus;

/** A passage and the {@link PassageText#version} that it has now. */
public record PassageVersion(String id, String version) {}
