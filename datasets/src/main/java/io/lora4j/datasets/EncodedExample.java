package io.lora4j.datasets;

import java.util.Arrays;

/**
 * One labelled row as an encoder reads it.
 *
 * @param ids token ids with the special tokens, in order; owned by the record, not to be changed
 * @param typeIds 0 for tokens of the first text and 1 for those of the second; as long as {@code ids}
 * @param target the class or the score
 */
@SuppressWarnings("ArrayRecordComponent") // millions of ids: a boxed list would cost five times the memory
public record EncodedExample(int[] ids, int[] typeIds, Target target) {
    /** Checks that there is a token and that both arrays are equally long. */
    public EncodedExample {
        if (ids.length == 0 || ids.length != typeIds.length) {
            throw new IllegalArgumentException("needs one type per token and at least one token, got " + ids.length
                    + " tokens and " + typeIds.length + " types");
        }
    }

    /**
     * A row of a classification task.
     *
     * @param ids token ids with the special tokens, in order
     * @param typeIds one token type per id
     * @param label the class, from 0
     */
    public EncodedExample(int[] ids, int[] typeIds, int label) {
        this(ids, typeIds, Target.of(label));
    }

    /**
     * The class.
     *
     * @return an index into the task's labels, from 0
     * @throws IllegalStateException if the task asks for scores
     */
    public int label() {
        return target.label();
    }

    /**
     * The number of tokens.
     *
     * @return 1 or more
     */
    public int length() {
        return ids.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EncodedExample that
                && target.equals(that.target)
                && Arrays.equals(ids, that.ids)
                && Arrays.equals(typeIds, that.typeIds);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(ids) + Arrays.hashCode(typeIds)) + target.hashCode();
    }

    @Override
    public String toString() {
        return "EncodedExample[ids=" + Arrays.toString(ids) + ", typeIds=" + Arrays.toString(typeIds) + ", target="
                + target + "]";
    }
}
