package io.lora4j.recipes.run;

import io.lora4j.recipes.predictions.Predictions;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Gathers a classifier's outputs batch by batch and puts them into file order. Not thread-safe. */
final class DevOutputs {
    private final int[] labels;
    private final float[][] probabilities;

    /**
     * @param examples how many there are in all batches together
     */
    DevOutputs(int examples) {
        this.labels = new int[examples];
        this.probabilities = new float[examples][];
    }

    /**
     * Takes one batch.
     *
     * @param indices for each row the example's place in the file
     * @param oneHot labels, [n, classes]; only read
     * @param outputs probabilities, [n, classes]; only read, copied
     */
    void add(List<Integer> indices, INDArray oneHot, INDArray outputs) {
        float[][] rows = outputs.toFloatMatrix();
        int[] classes = oneHot.argMax(1).toIntVector();
        for (int row = 0; row < rows.length; row++) {
            int index = indices.get(row);
            probabilities[index] = rows[row];
            labels[index] = classes[row];
        }
    }

    /** What was gathered. */
    Predictions predictions() {
        return Predictions.classification(labels, probabilities);
    }
}
