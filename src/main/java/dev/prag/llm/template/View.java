package dev.prag.llm.template;

import java.util.Iterator;
import java.util.List;

/**
 * What a dict's keys(), values() and items() give: it has a length, but no elements to index.
 *
 * @param type {@code dict_keys} and so on
 */
record View(String type, List<Object> elements) implements Iterable<Object> {
    @Override
    public Iterator<Object> iterator() {
        return elements.iterator();
    }
}
