/**
 * The part of Jinja that published chat templates use, with Python's semantics, as Hugging Face sets it up: immutable
 * sandbox, {@code trim_blocks}, {@code lstrip_blocks}, loop controls, {@code generation} blocks, and a {@code tojson}
 * that escapes nothing for HTML. What it doesn't know it refuses by name when the template is parsed.
 */
package dev.prag.llm.template;
