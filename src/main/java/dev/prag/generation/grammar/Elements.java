package dev.prag.generation.grammar;

import java.util.List;
import java.util.function.Consumer;

/**
 * The rest of an array behind its opening bracket and the white space there.
 *
 * @param count elements that are written; where there is no most, counted up to what still makes a difference
 */
record Elements(Shape shape, int count) implements Frame.Expanding {
    /** Where an array may have any number of elements. */
    static final int NO_MOST = Integer.MAX_VALUE;

    /**
     * An array.
     *
     * @param first the first elements, each of a kind of its own
     * @param others all further ones
     */
    record Shape(List<Frame> first, Frame others, int least, int most, Punctuation punctuation) {
        Frame element(int index) {
            return index < first.size() ? first.get(index) : others;
        }

        /** Counts from which on all is the same. */
        int settled() {
            return Math.max(least, first.size());
        }
    }

    @Override
    public int cost() {
        int sum = 1;
        for (int i = count; i < Math.min(shape.least, shape.first.size()); i++) {
            sum = Costs.sum(sum, Costs.sum(1, shape.element(i).cost()));
        }
        int others = shape.least - Math.max(count, shape.first.size());
        return others <= 0 ? sum : Costs.sum(sum, Costs.product(others, Costs.sum(1, shape.others.cost())));
    }

    @Override
    public void expand(Stack below, Consumer<Stack> to) {
        Punctuation marks = shape.punctuation;
        if (count < shape.most) {
            Stack stack = new Stack(shape.element(count), new Stack(next(), below));
            to.accept(count == 0 ? stack : new Stack(marks.comma(), new Stack(marks.space(), stack)));
        }
        if (count >= shape.least) {
            Stack stack = new Stack(marks.closeArray(), below);
            to.accept(count == 0 ? stack : new Stack(marks.space(), stack));
        }
    }

    private Elements next() {
        boolean same = shape.most == NO_MOST && count >= shape.settled() && count > 0;
        return same ? this : new Elements(shape, count + 1);
    }

    /** An array by identity: two of the same kind at different places are told apart by what lies below. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Elements that && shape == that.shape && count == that.count;
    }

    @Override
    public int hashCode() {
        return 31 * System.identityHashCode(shape) + count;
    }
}
