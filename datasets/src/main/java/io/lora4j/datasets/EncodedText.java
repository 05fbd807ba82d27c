package io.lora4j.datasets;

/**
 * A text, or a pair, as an encoder reads it.
 *
 * @param ids token ids with the special tokens, in order; owned by the record, not to be changed
 * @param typeIds 0 for tokens of the first text and 1 for those of the second; as long as {@code ids}
 */
@SuppressWarnings("ArrayRecordComponent") // millions of ids: a boxed list would cost five times the memory
public record EncodedText(int[] ids, int[] typeIds) {
    /** Checks that there is a token and that both arrays are equally long. */
    public EncodedText {
        if (ids.length == 0 || ids.length != typeIds.length) {
            throw new IllegalArgumentException("needs one type per token and at least one token, got " + ids.length
                    + " tokens and " + typeIds.length + " types");
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
}
