package io.lora4j.network;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.LayerKind;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.Scaling;
import io.lora4j.init.LoraOneInit;
import io.lora4j.train.RandomStreams;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A dense and a convolutional network, trained from scratch on one half of the classes and adapted to the other half: full fine-tuning, a
 * new head alone, and LoRA variants.
 */
@Tag("slow")
class AdaptToNewClassesTest {
    private static final Logger LOG = LoggerFactory.getLogger(AdaptToNewClassesTest.class);
    private static final int EPOCHS = 40;

    private record Row(long trainable, double accuracy) {}

    @Test
    void convolutionalNetwork() {
        compare(
                BaseModels.images(),
                5,
                SyntheticData.images(true, 800, 2),
                SyntheticData.images(true, 2000, 3),
                LoraConfig.builder()
                        .targetKinds(LayerKind.CONVOLUTION_2D, LayerKind.DENSE)
                        .rank(6));
    }

    @Test
    void denseNetwork() {
        compare(
                BaseModels.table(),
                3,
                SyntheticData.table(true, 1500, 2),
                SyntheticData.table(true, 2000, 3),
                LoraConfig.builder().targetKinds(LayerKind.DENSE).rank(8));
    }

    private static void compare(
            MultiLayerNetwork base, int head, DataSet train, DataSet test, io.lora4j.adapter.LoraConfigBuilder config) {
        config.alpha(16).scaling(Scaling.RSLORA).modulesToSave("head");
        Map<String, Row> rows = new LinkedHashMap<>();
        MultiLayerNetwork full = newHead(base, head, 3e-3);
        full.fit(BaseModels.batches(train), EPOCHS);
        rows.put("full fine-tuning", row(full, full.numParams(), test));
        LoraNetwork<MultiLayerNetwork> lora = Lora.inject(newHead(base, head, 5e-3), config.build());
        lora.network().fit(BaseModels.batches(train), EPOCHS);
        rows.put("LoRA", row(lora.merge(), lora.trainableParameters(), test));
        LoraNetwork<MultiLayerNetwork> one = Lora.inject(newHead(base, head, 5e-3), config.build());
        one.initialize(new LoraOneInit(), Minibatches.first(BaseModels.batches(train), 256), new RandomStreams(1));
        one.network().fit(BaseModels.batches(train), EPOCHS);
        rows.put("LoRA-One", row(one.merge(), one.trainableParameters(), test));
        MultiLayerNetwork fixed = new TransferLearning.Builder(newHead(base, head, 5e-3))
                .setFeatureExtractor(head - 1)
                .build();
        fixed.fit(BaseModels.batches(train), EPOCHS);
        rows.put("new head alone", row(fixed, fixed.getLayer(head).numParams(), test));
        rows.forEach((name, row) ->
                LOG.info(String.format(Locale.ROOT, "%-18s %8d %6.2f %%", name, row.trainable, 100 * row.accuracy)));

        double best = accuracy(rows, "full fine-tuning");
        double least = accuracy(rows, "new head alone");
        assertTrue(best - least >= 0.15, "the split must leave something to gain: " + rows);
        assertTrue(accuracy(rows, "LoRA") >= best - 0.02, "LoRA within 2 points: " + rows);
        assertTrue(accuracy(rows, "LoRA-One") >= best - 0.02, "LoRA-One within 2 points: " + rows);
    }

    private static double accuracy(Map<String, Row> rows, String name) {
        return rows.get(name).accuracy;
    }

    private static Row row(MultiLayerNetwork network, long trainable, DataSet test) {
        return new Row(trainable, network.evaluate(BaseModels.batches(test)).accuracy());
    }

    private static MultiLayerNetwork newHead(MultiLayerNetwork base, int head, double rate) {
        return new TransferLearning.Builder(base)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(new Adam(rate))
                        .seed(11)
                        .build())
                .nOutReplace(head, SyntheticData.CLASSES, WeightInit.XAVIER)
                .build();
    }
}
