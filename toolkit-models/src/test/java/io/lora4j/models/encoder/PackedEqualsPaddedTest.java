package io.lora4j.models.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lora4j.adapter.FrozenWeights;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A sequence's result does not depend on its batch, nor on how far the batch is padded. */
class PackedEqualsPaddedTest {
    private static final int[] LENGTHS = {4, 1, 9, 9, 2, 7};

    @ParameterizedTest
    @EnumSource
    void mixedLengthsEqualEachSequenceAlone(Pooling pooling) {
        EncoderConfig config = BertFixtures.smallConfig();
        FrozenWeights weights = BertFixtures.randomWeights(config, DataType.DOUBLE, 3);
        ComputationGraph graph = new ComputationGraph(EncoderGraph.encoder(config, pooling, DataType.DOUBLE));
        graph.init();
        weights.bindTo(graph);
        INDArray[] batch = BertFixtures.randomFeatures(config, 5, 9, LENGTHS);

        INDArray[] together = graph.output(batch);
        INDArray[] wider = graph.output(BertFixtures.randomFeatures(config, 5, 13, LENGTHS));

        assertArrayEquals(new long[] {32, 12}, together[0].shape());
        assertArrayEquals(new long[] {6, 12}, together[1].shape());
        assertEquals(together[0], wider[0], "more padding changes nothing");
        int row = 0;
        for (int b = 0; b < LENGTHS.length; b++) {
            INDArray[] alone = new INDArray[3];
            for (int i = 0; i < 3; i++) {
                alone[i] = batch[i].get(NDArrayIndex.interval(b, b + 1), NDArrayIndex.interval(0, LENGTHS[b]));
            }
            INDArray[] result = graph.output(alone);
            INDArray rows = together[0].get(NDArrayIndex.interval(row, row + LENGTHS[b]), NDArrayIndex.all());
            assertEquals(0, rows.sub(result[0]).amaxNumber().doubleValue(), 1e-10, "rows of sequence " + b);
            INDArray pooled = together[1].get(NDArrayIndex.interval(b, b + 1), NDArrayIndex.all());
            assertEquals(0, pooled.sub(result[1]).amaxNumber().doubleValue(), 1e-10, "vector of sequence " + b);
            row += LENGTHS[b];
        }
    }
}
