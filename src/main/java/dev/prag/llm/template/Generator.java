package dev.prag.llm.template;

import java.util.Iterator;

/** What lazy filters such as map and select give: can be gone through once, and has no length. */
record Generator(Iterator<Object> iterator) implements Iterable<Object> {}
