package io.lora4j.models;

import io.lora4j.error.UserException;
import io.lora4j.models.maven.MavenArtifacts;
import io.lora4j.models.tokenizer.TokenIds;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The real encoder, imported once per build folder, and batches for it. */
final class TestModels {
    private static final Path HOME = Path.of("target", "lora4j-home");

    private TestModels() {}

    static PretrainedModel miniLm(DataType dataType) {
        return new ModelStore(HOME).load("all-MiniLM-L6-v2", dataType);
    }

    /**
     * A model whose artifact has to be fetched first; without it the test is skipped, saying why. Imported once per build folder.
     */
    static PretrainedModel fetched(KnownModel model, DataType dataType) {
        artifact(model);
        return new ModelStore(HOME).load(model.shortName(), dataType);
    }

    /** The artifact of a model, in the user's local Maven repository. */
    static Path artifact(KnownModel model) {
        try {
            return MavenArtifacts.ofUser().fetch(model.coordinates());
        } catch (UserException e) {
            return Assumptions.abort(model.shortName() + " cannot be had here: " + e.getMessage());
        }
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
