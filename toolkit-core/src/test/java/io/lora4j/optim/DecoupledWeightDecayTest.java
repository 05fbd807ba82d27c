package io.lora4j.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.regularization.Regularization;

class DecoupledWeightDecayTest {
    @Test
    void addsRateTimesCoefficientTimesWeightToTheUpdate() {
        INDArray update = Nd4j.createFromArray(new double[] {1, 1});
        new DecoupledWeightDecay(0.1).apply(Nd4j.createFromArray(new double[] {20, -30}), update, 0.5, 3, 0);
        assertEquals(Nd4j.createFromArray(new double[] {2, -0.5}), update);
    }

    @Test
    void networkScoreIsTheLossAlone() {
        DataSet data = new DataSet(Nd4j.ones(DataType.FLOAT, 1, 3), Nd4j.createFromArray(new float[][] {{1, 0}}));
        assertEquals(scoreWith(0, data), scoreWith(10, data));
    }

    private static double scoreWith(double decay, DataSet data) {
        MultiLayerConfiguration configuration = AdamWTest.network(1);
        new GroupedOptimizer(new AdamW(1e-3), decay, new UniformGroups(true)).applyTo(configuration);
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network.score(data);
    }

    @Test
    void survivesCloneAndJson() {
        MultiLayerConfiguration configuration = AdamWTest.network(1);
        new GroupedOptimizer(new AdamW(1e-3), 0.25, new UniformGroups(true)).applyTo(configuration);
        MultiLayerConfiguration restored =
                MultiLayerConfiguration.fromJson(configuration.clone().toJson());
        for (String param : new String[] {"W", "b"}) {
            Regularization decay = restored.getConf(0)
                    .getLayer()
                    .getRegularizationByParam(param)
                    .get(0);
            assertInstanceOf(DecoupledWeightDecay.class, decay);
            assertEquals(new DecoupledWeightDecay(0.25), decay);
        }
    }
}
