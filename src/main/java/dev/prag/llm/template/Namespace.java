package dev.prag.llm.template;

import java.util.Map;

/** The one kind of value whose attributes a template can set. */
record Namespace(Map<Object, Object> attributes) {}
