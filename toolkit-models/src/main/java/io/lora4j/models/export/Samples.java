package io.lora4j.models.export;

import io.lora4j.models.PretrainedModel;
import io.lora4j.models.encoder.EncoderConfig;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Inputs on which what was written is held against what was trained. */
final class Samples {
    private static final int ROWS = 8;
    private static final int LONGEST = 24;
    private static final long SEED = 20_240_601;

    private Samples() {}

    /** Random tokens in sequences of 3 to 24, padded; always the same for one vocabulary. */
    static MultiDataSet of(PretrainedModel base) {
        EncoderConfig config = base.config();
        int longest = Math.min(LONGEST, config.maxPositions());
        SplittableRandom random = new SplittableRandom(SEED);
        int[][] layout = new int[ROWS][longest];
        int[][] ids = new int[ROWS][longest];
        int[][] types = new int[ROWS][longest];
        for (int row = 0; row < ROWS; row++) {
            int length = longest - row * (longest - 3) / ROWS;
            for (int i = 0; i < longest; i++) {
                layout[row][i] = i < length ? 1 : 0;
                ids[row][i] = i < length ? random.nextInt(config.vocabSize()) : Math.max(0, config.padTokenId());
                types[row][i] = i < length && config.typeVocabSize() > 1 && i > length / 2 ? 1 : 0;
            }
        }
        return new org.nd4j.linalg.dataset.MultiDataSet(
                new INDArray[] {Nd4j.createFromArray(layout), Nd4j.createFromArray(ids), Nd4j.createFromArray(types)},
                new INDArray[0]);
    }
}
