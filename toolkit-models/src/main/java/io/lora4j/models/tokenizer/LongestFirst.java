package io.lora4j.models.tokenizer;

/**
 * How many tokens of each text of a pair are kept when both must share a budget.
 *
 * <p>The rule of Hugging Face's fast tokenizers ({@code truncate_encodings}, strategy {@code LongestFirst}, in
 * huggingface/tokenizers {@code tokenizers/src/utils/truncation.rs}, version 0.22): tokens are taken one at a time from the end of the longer
 * text, until the pair fits. Where both end up cut, the odd token stays with the text that was longer, and with the
 * second one if they were equally long. (The slow tokenizers of old give it to the first text always.)
 *
 * @param first tokens kept of the first text
 * @param second tokens kept of the second text
 */
record LongestFirst(int first, int second) {
    /**
     * Applies the rule.
     *
     * @param first tokens of the first text
     * @param second tokens of the second text
     * @param budget tokens that may stay of both together, at least 0
     * @return what stays of each
     */
    static LongestFirst of(int first, int second, int budget) {
        if ((long) first + second <= budget) {
            return new LongestFirst(first, second);
        }
        int shorter = Math.min(first, second);
        int keptOfShorter = Math.min(shorter, budget / 2);
        int keptOfLonger = budget - keptOfShorter;
        return first > second
                ? new LongestFirst(keptOfLonger, keptOfShorter)
                : new LongestFirst(keptOfShorter, keptOfLonger);
    }
}
