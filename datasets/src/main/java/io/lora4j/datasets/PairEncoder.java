package io.lora4j.datasets;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns text into token ids; a tokenizer behind the one method that this module needs of it. */
@FunctionalInterface
public interface PairEncoder {
    /**
     * Encodes one text or one pair, with the special tokens.
     *
     * @param textA the sentence, or the first of a pair
     * @param textB the second of a pair, or null
     * @param maxLength the most tokens the result may have, special tokens included
     * @return ids and types, 1 to {@code maxLength} of them
     */
    EncodedText encode(String textA, @Nullable String textB, int maxLength);

    /**
     * Encodes many; a tokenizer that works in batches overrides this.
     *
     * @param examples the texts; labels are not looked at
     * @param maxLength the most tokens each result may have
     * @return one result per example, in order
     */
    default List<EncodedText> encodeAll(List<Example> examples, int maxLength) {
        List<EncodedText> encoded = new ArrayList<>(examples.size());
        for (Example example : examples) {
            encoded.add(encode(example.textA(), example.textB(), maxLength));
        }
        return encoded;
    }
}
