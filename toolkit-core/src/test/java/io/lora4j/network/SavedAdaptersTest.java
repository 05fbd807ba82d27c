package io.lora4j.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.LayerKind;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.init.LoraGaInit;
import io.lora4j.train.RandomStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Adam;

/** Files: the adapter alone, the whole model, and what is refused. */
class SavedAdaptersTest {
    @TempDir
    private Path folder;

    private static MultiLayerNetwork base() {
        return Networks.base(Networks.Kind.CONV_TRUNCATE, DataType.FLOAT, new Adam(0.02), WorkspaceMode.ENABLED, 1e-3);
    }

    private static LoraConfig config() {
        return LoraConfig.builder()
                .rank(1)
                .alpha(3)
                .targetKinds(LayerKind.CONVOLUTION_2D)
                .alphaPattern("layer1", 2)
                .modulesToSave("layer2")
                .build();
    }

    private static DataSet data() {
        return Networks.data(Networks.Kind.CONV_TRUNCATE, DataType.FLOAT, 9, 1);
    }

    @Test
    void anAdapterAloneIsRestoredOverTheSameBase() throws IOException {
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(base(), config());
        adapted.network().fit(data());
        Path file = folder.resolve("adapter.zip");
        adapted.save(file);
        LoraNetwork<MultiLayerNetwork> other = Lora.inject(base(), config());
        MultiLayerNetwork loaded = other.load("loaded", file);
        Path again = folder.resolve("again.zip");
        other.save(again);

        assertEquals(adapted.network().output(data().getFeatures()), loaded.output(data().getFeatures()));
        assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(again));
        assertThrows(UserException.class, () -> other.load("loaded", file));
    }

    @Test
    void aShiftedBaseIsRestoredToo() {
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(base(), config());
        adapted.initialize(new LoraGaInit(), Minibatches.first(batches(), 9), new RandomStreams(1));
        adapted.network().fit(data());
        Path file = folder.resolve("adapter.zip");
        adapted.save(file);
        MultiLayerNetwork loaded = Lora.inject(base(), config()).load("loaded", file);

        AdaptedLayersTest.assertClose(
                adapted.network().output(data().getFeatures()), loaded.output(data().getFeatures()), 1e-6);
        assertTrue(adapted.network()
                        .clone()
                        .output(data().getFeatures())
                        .sumNumber()
                        .doubleValue()
                > 0);
        assertEquals(
                adapted.network().output(data().getFeatures()),
                adapted.network().clone().output(data().getFeatures()));
    }

    private static org.nd4j.linalg.dataset.api.iterator.DataSetIterator batches() {
        return new org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator<>(data().asList(), 4);
    }

    @Test
    void anotherBaseAndDamagedFilesAreRefused() throws IOException {
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(base(), config());
        Path file = folder.resolve("adapter.zip");
        adapted.save(file);
        MultiLayerNetwork moved = base();
        moved.params().addi(1e-3);
        UserException e = assertThrows(
                UserException.class, () -> Lora.inject(moved, config()).load("a", file));
        assertTrue(e.getMessage().contains("another base"), e.getMessage());

        Path cut = folder.resolve("cut.zip");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        assertThrows(FormatException.class, () -> adapted.load("a", cut));
        Path plain = folder.resolve("plain.zip");
        ModelSerializer.writeModel(base(), plain.toFile(), false);
        assertThrows(FormatException.class, () -> adapted.load("a", plain));
        assertThrows(FormatException.class, () -> Lora.restoreMultiLayerNetwork(plain));
        assertThrows(UserException.class, () -> adapted.load("a", folder.resolve("none.zip")));
        assertEquals(java.util.Set.of(Lora.DEFAULT), adapted.names(), "a failed load leaves no adapter behind");
    }

    @Test
    void aRestoredModelGoesOnAsIfNothingHadHappened() {
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(base(), config());
        adapted.network().fit(data());
        Path file = folder.resolve("model.zip");
        adapted.saveModel(file, true);
        LoraNetwork<MultiLayerNetwork> restored = Lora.restoreMultiLayerNetwork(file);
        adapted.network().fit(data());
        restored.network().fit(data());

        assertEquals(adapted.network().params(), restored.network().params());
        INDArray output = adapted.network().output(data().getFeatures());
        assertEquals(output, restored.network().output(data().getFeatures()));
        AdaptedLayersTest.assertClose(output, restored.merge().output(data().getFeatures()), 1e-5);
        assertEquals(adapted.config(), restored.config());
    }

    @Test
    void aGraphIsRestored() {
        ComputationGraph base = Networks.graph(DataType.FLOAT, WorkspaceMode.ENABLED);
        MultiDataSet data = Networks.graphData(DataType.FLOAT, 9, 1);
        LoraNetwork<ComputationGraph> adapted = Lora.inject(
                base,
                LoraConfig.builder()
                        .rank(1)
                        .targetModules("dense")
                        .modulesToSave("head")
                        .build());
        adapted.initialize(new LoraGaInit(), List.of(data), new RandomStreams(1));
        adapted.network().fit(data);
        Path file = folder.resolve("graph.zip");
        adapted.saveModel(file, true);
        LoraNetwork<ComputationGraph> restored = Lora.restoreComputationGraph(file);

        AdaptedLayersTest.assertClose(
                adapted.network().output(data.getFeatures())[0],
                restored.network().output(data.getFeatures())[0],
                1e-6);
    }
}
