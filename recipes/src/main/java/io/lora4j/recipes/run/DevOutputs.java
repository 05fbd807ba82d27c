package io.lora4j.recipes.run;

import io.lora4j.datasets.EncodedExample;
import io.lora4j.eval.ClassificationEvaluation;
import io.lora4j.eval.RegressionMetrics;
import io.lora4j.recipes.predictions.Predictions;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Gathers a network's outputs batch by batch, scores them and puts them into file order. Not thread-safe. */
interface DevOutputs {
    /**
     * Takes one batch.
     *
     * @param indices for each row the example's place in the file
     * @param targets one-hot labels [n, classes] or scores [n, 1]; only read
     * @param outputs what the network makes of them, of the same shape; only read, copied
     */
    void add(List<Integer> indices, INDArray targets, INDArray outputs);

    /** Scores and predictions of everything gathered, which must be all examples. */
    Evaluator.Outcome outcome();

    /**
     * Gathers for a task of either kind.
     *
     * @param examples all examples, in file order
     * @param outputs the number of classes; 1 for scores
     */
    static DevOutputs of(List<EncodedExample> examples, int outputs) {
        return outputs == 1 ? new Scores(examples) : new Classes(examples.size(), outputs);
    }

    /** Probabilities of classes. */
    final class Classes implements DevOutputs {
        private final ClassificationEvaluation evaluation;
        private final int[] labels;
        private final float[][] probabilities;

        Classes(int examples, int classes) {
            this.evaluation = new ClassificationEvaluation(classes);
            this.labels = new int[examples];
            this.probabilities = new float[examples][];
        }

        @Override
        public void add(List<Integer> indices, INDArray targets, INDArray outputs) {
            evaluation.add(targets, outputs);
            float[][] rows = outputs.toFloatMatrix();
            int[] classes = targets.argMax(1).toIntVector();
            for (int row = 0; row < rows.length; row++) {
                int index = indices.get(row);
                probabilities[index] = rows[row];
                labels[index] = classes[row];
            }
        }

        @Override
        public Evaluator.Outcome outcome() {
            return new Evaluator.Outcome(evaluation.metrics(), Predictions.classification(labels, probabilities));
        }
    }

    /** Numbers. They are held against the scores of the file, not against what float32 makes of those. */
    final class Scores implements DevOutputs {
        private final double[] targets;
        private final float[] numbers;

        Scores(List<EncodedExample> examples) {
            this.targets = examples.stream()
                    .mapToDouble(example -> example.target().score())
                    .toArray();
            this.numbers = new float[examples.size()];
        }

        @Override
        public void add(List<Integer> indices, INDArray ofBatch, INDArray outputs) {
            float[][] rows = outputs.toFloatMatrix();
            for (int row = 0; row < rows.length; row++) {
                numbers[indices.get(row)] = rows[row][0];
            }
        }

        @Override
        public Evaluator.Outcome outcome() {
            Predictions predictions = Predictions.regression(targets, numbers);
            return new Evaluator.Outcome(RegressionMetrics.of(targets, predictions.predictions()), predictions);
        }
    }
}
