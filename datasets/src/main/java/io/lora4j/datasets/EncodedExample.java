package io.lora4j.datasets;

import java.util.Arrays;

/**
 * One labelled row as an encoder reads it.
 *
 * @param ids token ids with the special tokens, in order; owned by the record, not to be changed
 * @param typeIds 0 for tokens of the first text and 1 for those of the second; as long as {@code ids}
 * @param label the class, from 0
 */
@SuppressWarnings("ArrayRecordComponent") // millions of ids: a boxed list would cost five times the memory
public record EncodedExample(int[] ids, int[] typeIds, int label) {
    /** Checks that there is a token, that both arrays are equally long and that the label is no negative number. */
    public EncodedExample {
        if (ids.length == 0 || ids.length != typeIds.length) {
            throw new IllegalArgumentException("needs one type per token and at least one token, got " + ids.length
                    + " tokens and " + typeIds.length + " types");
        }
        if (label < 0) {
            throw new IllegalArgumentException("label " + label + " is negative");
        }
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
                && label == that.label
                && Arrays.equals(ids, that.ids)
                && Arrays.equals(typeIds, that.typeIds);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(ids) + Arrays.hashCode(typeIds)) + label;
    }

    @Override
    public String toString() {
        return "EncodedExample[ids=" + Arrays.toString(ids) + ", typeIds=" + Arrays.toString(typeIds) + ", label="
                + label + "]";
    }
}
