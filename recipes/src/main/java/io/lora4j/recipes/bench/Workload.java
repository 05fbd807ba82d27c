package io.lora4j.recipes.bench;

import io.lora4j.adapter.FrozenWeights;
import io.lora4j.datasets.EncodedExample;
import io.lora4j.datasets.PackedBatch;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderTensors;
import io.lora4j.models.encoder.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Random weights and a random batch of a shape; the same for the same seed. Seeds ND4J's generator. */
final class Workload {
    static final int LABELS = 2;

    /** Ids below are BERT's special and unused tokens. */
    private static final int FIRST_ID = 1000;

    private Workload() {}

    /** Linear maps and embeddings ~ N(0, 0.02^2), normalisations 1, biases 0; linear weights as a checkpoint has them. */
    static FrozenWeights weights(EncoderConfig config, long seed) {
        EncoderTensors tensors = EncoderTensors.of(config);
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        Nd4j.getRandom().setSeed(seed);
        Map<String, TensorSpec> all = new LinkedHashMap<>(tensors.required());
        all.putAll(tensors.pooler());
        all.forEach((name, spec) -> arrays.put(tensors.ours(name), array(name, spec, config)));
        return new FrozenWeights(arrays);
    }

    private static INDArray array(String name, TensorSpec spec, EncoderConfig config) {
        long[] shape = spec.shape().stream().mapToLong(each -> each).toArray();
        if (shape.length == 1) {
            return name.endsWith("LayerNorm.weight")
                    ? Nd4j.ones(DataType.FLOAT, shape)
                    : Nd4j.zeros(DataType.FLOAT, shape);
        }
        INDArray array = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
        Nd4j.randn(0, config.initializerRange(), array, Nd4j.getRandom());
        return spec.linear() ? array.transpose() : array;
    }

    /** Random ids, lengths and labels. */
    static MultiDataSet batch(BenchConfig config) {
        SplittableRandom random = new SplittableRandom(config.seed());
        List<EncodedExample> examples = new ArrayList<>();
        for (int row = 0; row < config.batch(); row++) {
            boolean full = config.fullRows() || row == 0;
            int length = full ? config.seq() : random.nextInt(config.seq() / 2, config.seq() + 1);
            int[] ids = random.ints(length, FIRST_ID, BenchModel.VOCABULARY).toArray();
            examples.add(new EncodedExample(ids, new int[length], random.nextInt(LABELS)));
        }
        return PackedBatch.collate(examples, LABELS, DataType.FLOAT);
    }
}
