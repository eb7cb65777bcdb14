package dev.prag.generation.grammar;

import dev.prag.base.UserException;
import java.util.Set;

/**
 * One text on its way: takes its tokens, and says which may come next. For one thread at a time.
 *
 * <p>A token is allowed if the text can go on after it, and be completed with the tokens that are left. How many that
 * takes is estimated from above, so near its limit a text is led to its end while there is still room. Where there isn't
 * enough from the beginning, only the tokens are allowed after which the fewest are missing.
 */
public final class Matcher {
    private final Grammar grammar;
    private final int[] endIds;
    private Configuration now;

    private Configuration maskedFor;
    private Walk masked;

    Matcher(Grammar grammar, Set<Integer> endIds) {
        this.grammar = grammar;
        this.endIds = endIds.stream()
                .mapToInt(Integer::intValue)
                .filter(id -> id >= 0 && id < grammar.vocabulary.words * 64)
                .toArray();
        now = grammar.start;
    }

    /** Takes a token that the mask allowed. */
    public void accept(int id) {
        Configuration next = now;
        for (byte b : grammar.vocabulary.bytes(id)) {
            next = next.step(b & 0xFF);
        }
        if (next.impossible()) {
            throw new IllegalStateException("token " + id + " came, which the schema doesn't allow here");
        }
        now = next;
    }

    /** Whether the text may end here. */
    public boolean complete() {
        return now.complete();
    }

    /** Whether it can only end here. */
    public boolean exhausted() {
        return now.exhausted();
    }

    /**
     * The tokens that may come next: bit {@code id % 64} of word {@code id / 64}. End tokens are among them where the
     * text is complete, and nowhere else.
     *
     * @param remaining tokens that may still come, this one included
     * @return not to be changed
     * @throws UserException if no token can come, as the vocabulary lacks one
     */
    public long[] mask(int remaining) {
        int budget = remaining - 1;
        if (maskedFor != now || masked.refused() || masked.dearest() > budget) {
            masked = tokens(budget);
            maskedFor = now;
            boolean complete = now.complete();
            for (int id : endIds) {
                long bit = 1L << id;
                masked.bits[id >> 6] = complete ? masked.bits[id >> 6] | bit : masked.bits[id >> 6] & ~bit;
            }
            if (!(complete && endIds.length > 0)) {
                requireAny(masked.bits);
            }
        }
        return masked.bits;
    }

    private Walk tokens(int budget) {
        Walk walk = new Walk(grammar.vocabulary.words, budget);
        for (Stack stack : now.stacks()) {
            LeafMask mask = grammar.mask((Leaf) stack.top);
            int leaving = Costs.sum(stack.cost, mask.increase());
            if (mask.any() && leaving <= budget) {
                walk.add(mask.within(), leaving);
            } else if (mask.any()) {
                addSome(stack, walk);
            }
            if (mask.beyond().nodes > 0 && !stack.below.isEmpty()) {
                walk.over(mask.beyond(), Configuration.of(stack.below));
            }
        }
        if (walk.any() || !walk.refused() || (endIds.length > 0 && now.complete())) {
            return walk;
        }
        return tokens(walk.cheapestRefused());
    }

    /** Tokens that end within the top leaf or with it, one by one. */
    private void addSome(Stack stack, Walk walk) {
        if (stack.top instanceof StringLeaf string) {
            grammar.vocabulary.strings(string.place()).within(string, stack.below.cost, walk);
        } else {
            walk.over(grammar.vocabulary.trie, Configuration.of(stack));
        }
    }

    private static void requireAny(long[] bits) {
        for (long word : bits) {
            if (word != 0) {
                return;
            }
        }
        throw new UserException("the schema asks for a character that the model has no token for; change the schema");
    }
}
