package io.lora4j.models.tokenizer;

import java.util.Arrays;

/**
 * One encoded text or pair of texts, special tokens included, without padding.
 *
 * @param ids vocabulary indices, one per token; owned by this record, not to be written
 * @param typeIds 0 for the first text and its special tokens, 1 for the second; as long as {@code ids}
 */
@SuppressWarnings(
        "ArrayRecordComponent") // hundreds of thousands of these are held: boxes would cost ten times the memory
public record TokenIds(int[] ids, int[] typeIds) {
    /** Checks that both arrays are equally long. */
    public TokenIds {
        if (ids.length != typeIds.length) {
            throw new IllegalArgumentException(ids.length + " ids but " + typeIds.length + " type ids");
        }
    }

    /**
     * Number of tokens.
     *
     * @return the length of {@link #ids()}
     */
    public int length() {
        return ids.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenIds that && Arrays.equals(ids, that.ids) && Arrays.equals(typeIds, that.typeIds);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ids) + Arrays.hashCode(typeIds);
    }

    @Override
    public String toString() {
        return "TokenIds[ids=" + Arrays.toString(ids) + ", typeIds=" + Arrays.toString(typeIds) + "]";
    }
}
