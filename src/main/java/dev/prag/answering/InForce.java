package dev.prag.answering;

import dev.prag.access.Principal;
import dev.prag.lora.Composition;
import dev.prag.lora.Scope;
import dev.prag.parameterization.Composing;
import dev.prag.runtime.AdapterResidency;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The passages that what is generated next rests on: their adapters, and those that stand in the prompt. */
final class InForce implements AutoCloseable {
    private final AnswerService service;
    private final Composing how;
    private final Principal caller;
    private final Collection<String> notes;
    private final List<AdapterResidency.Handle> adapters = new ArrayList<>();
    /** Of passages whose adapters were asked for and aren't in force: the beginning of a sentence that says why. */
    private final Map<String, String> missing = new LinkedHashMap<>();

    private Composition composition = Composition.NONE;
    private List<Retrieved> passages = List.of();
    private List<Retrieved> shown = List.of();
    private boolean noted = true;

    /** @param notes takes what did not go as asked for */
    InForce(AnswerService service, Composing how, Principal caller, Collection<String> notes) {
        this.service = service;
        this.how = how;
        this.caller = caller;
        this.notes = notes;
    }

    Composition composition() {
        return composition;
    }

    Scope scope() {
        return how.scope();
    }

    /** Those that stand in the prompt, where they fit. */
    List<Retrieved> shown() {
        return shown;
    }

    List<String> composedIds() {
        return passages.stream().filter(Retrieved::composed).map(Retrieved::id).toList();
    }

    /** From now on these stand in the prompt. */
    void show(List<Retrieved> inPrompt) {
        shown = inPrompt;
        noted = false;
    }

    /** From now on no adapter is in force. */
    List<Retrieved> without(List<Retrieved> retrieved) {
        release();
        passages = retrieved;
        return retrieved;
    }

    /**
     * Brings the adapters of these passages into force, as far as they can be had and the rule gives them a weight, in the
     * place of those before. Of passages with the same text the first one counts. One that was deleted since it was
     * retrieved, or that the caller may not read any more, has no part in the answer.
     */
    List<Retrieved> compose(List<Retrieved> retrieved) {
        // Before others are asked for: whoever waits for room holds none. Nothing is generated now.
        release();
        List<Retrieved> distinct = distinct(retrieved);
        if (!how.composes()) {
            if (!distinct.isEmpty()) {
                notes.add("the strength of adapters is 0 for this method: the passages stand in the prompt alone");
            }
            passages = distinct;
            return distinct;
        }
        // Over all that was retrieved: an adapter counts no more because another one isn't ready.
        float[] weights =
                how.weights(distinct.stream().mapToDouble(Retrieved::score).toArray());
        Iterator<PassageAdapters.Supplied> supplied = service.adapters()
                .acquire(
                        IntStream.range(0, weights.length)
                                .filter(i -> weights[i] != 0)
                                .mapToObj(distinct::get)
                                .toList(),
                        caller)
                .iterator();
        List<Composition.Term> terms = new ArrayList<>();
        List<Retrieved> weighted = new ArrayList<>();
        for (int i = 0; i < distinct.size(); i++) {
            Retrieved passage = distinct.get(i);
            if (weights[i] == 0) {
                weighted.add(passage.withWeight(0));
                continue;
            }
            PassageAdapters.Supplied adapter = supplied.next();
            if (adapter.handle() != null) {
                adapters.add(adapter.handle());
                terms.add(new Composition.Term(adapter.handle().adapter(), weights[i]));
                weighted.add(passage.withWeight(weights[i]));
            } else if (!adapter.isGone()) {
                weighted.add(passage.without(adapter.why()));
                missing.put(passage.id(), adapter.why().sentence(passage.id(), adapter.detail()));
            }
        }
        composition = new Composition(terms);
        passages = weighted;
        return weighted;
    }

    private static List<Retrieved> distinct(List<Retrieved> passages) {
        Map<String, Retrieved> byText = new LinkedHashMap<>();
        passages.forEach(passage -> byText.putIfAbsent(passage.text(), passage));
        return List.copyOf(byText.values());
    }

    /**
     * Takes note of what fitted into the prompt, and says once of each passage that isn't where the method would have it
     * what became of it, and why.
     *
     * @return the passages that count
     */
    List<Retrieved> fitted(FittedPrompt fitted) {
        Map<String, String> left = new HashMap<>();
        fitted.left().forEach(out -> left.put(out.passage().id(), out.reason()));
        if (!noted) {
            noted = true;
            note(fitted, left);
        }
        return passages.stream()
                .filter(passage -> passage.composed() || shown.contains(passage) && !left.containsKey(passage.id()))
                .toList();
    }

    private void note(FittedPrompt fitted, Map<String, String> left) {
        missing.forEach((id, sentence) -> {
            if (!left.containsKey(id)) {
                notes.add(sentence + " stands in the prompt instead");
            }
        });
        for (FittedPrompt.LeftOut out : fitted.left()) {
            Retrieved passage = out.passage();
            String begin = missing.containsKey(passage.id())
                    ? missing.get(passage.id()) + " is left out"
                    : named(passage) + (passage.composed() ? " counts by its adapter alone" : " is left out");
            notes.add(begin + ": " + out.reason());
        }
    }

    private static String named(Retrieved passage) {
        return "passage " + passage.id() + (passage.title() == null ? "" : " (" + passage.title() + ")");
    }

    private void release() {
        composition = Composition.NONE;
        adapters.forEach(AdapterResidency.Handle::close);
        adapters.clear();
        missing.clear();
    }

    @Override
    public void close() {
        release();
    }
}
