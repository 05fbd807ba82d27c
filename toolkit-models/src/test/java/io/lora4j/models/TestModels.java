package io.lora4j.models;

import io.lora4j.models.tokenizer.TokenIds;
import java.nio.file.Path;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The real encoder, imported once per build folder, and batches for it. */
final class TestModels {
    private TestModels() {}

    static PretrainedModel miniLm(DataType dataType) {
        return new ModelStore(Path.of("target", "lora4j-home")).load("all-MiniLM-L6-v2", dataType);
    }

    /** The encoder graph's three inputs [B, T]: layout, ids, types, each sequence at the left, zeros behind it. */
    static INDArray[] inputs(List<TokenIds> batch, DataType dataType) {
        int width = batch.stream().mapToInt(TokenIds::length).max().orElseThrow();
        double[][] layout = new double[batch.size()][width];
        double[][] ids = new double[batch.size()][width];
        double[][] types = new double[batch.size()][width];
        for (int row = 0; row < batch.size(); row++) {
            TokenIds tokens = batch.get(row);
            for (int i = 0; i < tokens.length(); i++) {
                layout[row][i] = 1;
                ids[row][i] = tokens.ids()[i];
                types[row][i] = tokens.typeIds()[i];
            }
        }
        return new INDArray[] {
            Nd4j.create(layout).castTo(dataType),
            Nd4j.create(ids).castTo(dataType),
            Nd4j.create(types).castTo(dataType)
        };
    }
}
