package dev.prag.answering;

import dev.prag.lora.Composition;
import dev.prag.lora.Scope;
import java.util.List;

/**
 * What an answer was generated from, while its adapters are in force.
 *
 * @param prompt token ids
 * @param composition empty where no adapter is in force
 * @param passageIds of the passages whose adapters are
 */
public record Composed(int[] prompt, Composition composition, Scope scope, List<String> passageIds) {}
