package io.lora4j.network;

import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.WeightForm;
import java.nio.file.Path;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** A merged network is a plain one: another JVM without LoRA4J on its class path loads it and computes the same. */
@Tag("slow")
class MergedWithoutLora4jTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(
            value = Networks.Kind.class,
            names = {"BATCH_NORM_CONV", "LSTM", "EMBEDDING_SEQUENCE_NWC"})
    void aNetworkLoads(Networks.Kind kind) throws Exception {
        LoraNetwork<MultiLayerNetwork> adapted = Networks.adapted(kind, DataType.FLOAT);
        INDArray x = Networks.data(kind, DataType.FLOAT, 4, 1).getFeatures();
        OtherJvm.assertComputesTheSame(
                folder, adapted.merge(), x, adapted.network().output(x));
    }

    @Test
    void aGraphWithDoraLoads() throws Exception {
        ComputationGraph graph = Networks.base(
                        Networks.Kind.MLP, DataType.FLOAT, new Adam(0.01), WorkspaceMode.ENABLED, 0)
                .toComputationGraph();
        LoraNetwork<ComputationGraph> adapted = Lora.inject(
                graph,
                LoraConfig.builder()
                        .rank(2)
                        .targetPattern(".*")
                        .weightForm(WeightForm.DORA)
                        .build());
        Networks.randomize(adapted);
        INDArray x = Nd4j.rand(DataType.FLOAT, 4, 4);
        OtherJvm.assertComputesTheSame(
                folder, adapted.merge(), x, adapted.network().outputSingle(x));
    }
}
