package io.lora4j.models.export;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.encoder.TrainableWeights;
import io.lora4j.models.peft.LogitDifference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A classifier as a DL4J model file, with the adapter merged in: one zip with configuration and all parameters, which {@code
 * ModelSerializer.restoreComputationGraph} reads wherever toolkit-models is on the class path (its vertices are the encoder's).
 */
public final class Dl4jExport {
    private Dl4jExport() {}

    /**
     * Writes the file.
     *
     * @param adapter the adapter and its base
     * @param target the file; must not exist
     * @return the largest difference of logits between the adapter and what the file gives when it is read back
     * @throws UserException if the target exists or the disk refuses
     */
    public static ExportCheck write(LoadedAdapter adapter, Path target) {
        if (Files.exists(target)) {
            throw new UserException(target + " exists: name a new file");
        }
        AdaptedModel trained = adapter.adapted();
        ComputationGraph merged = merged(adapter);
        MultiDataSet samples = Samples.of(adapter.base());
        double[] difference = new double[1];
        AtomicFile.write(target, file -> {
            ModelSerializer.writeModel(merged, file.toFile(), false);
            difference[0] = LogitDifference.of(
                    trained.graph().outputSingle(false, samples.getFeatures()), output(file, samples));
        });
        return ExportCheck.ofLogits(difference[0]);
    }

    private static INDArray output(Path file, MultiDataSet samples) throws IOException {
        return ModelSerializer.restoreComputationGraph(file.toFile(), false).outputSingle(false, samples.getFeatures());
    }

    /** Every array in the parameter table, as DL4J's files need it. */
    private static ComputationGraph merged(LoadedAdapter adapter) {
        AdaptedModel source = adapter.merged();
        ComputationGraphConfiguration configuration = EncoderGraph.trainableClassifier(
                adapter.base().config().withDropout(0, 0, 0), adapter.pooling(), adapter.outputs(), DataType.FLOAT, 0);
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();
        TrainableWeights.copyInto(graph, source.weights());
        for (String layer : EncoderGraph.headLayers(configuration)) {
            graph.getLayer(layer)
                    .paramTable(false)
                    .forEach((key, values) -> values.assign(Objects.requireNonNull(
                            source.graph().getLayer(layer).getParam(key))));
        }
        return graph;
    }
}
