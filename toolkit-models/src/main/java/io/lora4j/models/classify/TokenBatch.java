package io.lora4j.models.classify;

import io.lora4j.models.tokenizer.TokenIds;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Encoded texts as the encoder's inputs: layout, ids and types, each [B, T] with T the longest text. */
final class TokenBatch {
    private TokenBatch() {}

    static INDArray[] of(List<TokenIds> tokens) {
        int longest = tokens.stream().mapToInt(t -> t.ids().length).max().orElse(0);
        int[][] layout = new int[tokens.size()][longest];
        int[][] ids = new int[tokens.size()][longest];
        int[][] types = new int[tokens.size()][longest];
        for (int row = 0; row < tokens.size(); row++) {
            TokenIds text = tokens.get(row);
            for (int column = 0; column < text.ids().length; column++) {
                layout[row][column] = 1;
                ids[row][column] = text.ids()[column];
                types[row][column] = text.typeIds()[column];
            }
        }
        return new INDArray[] {Nd4j.createFromArray(layout), Nd4j.createFromArray(ids), Nd4j.createFromArray(types)};
    }
}
