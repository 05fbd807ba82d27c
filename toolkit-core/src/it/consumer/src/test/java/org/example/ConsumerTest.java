package org.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.network.Lora;
import io.lora4j.network.LoraNetwork;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsumerTest {
    @TempDir
    Path folder;

    @Test
    void aNetworkServesTwoAdaptersSavesMergesAndLoads() throws Exception {
        Consumer consumer = new Consumer();
        LoraNetwork<MultiLayerNetwork> adapted = consumer.adapt();
        double difference = accuracy(adapted.network(), Consumer.Task.DIFFERENCE);
        double product = accuracy(adapted.use(Lora.DEFAULT), Consumer.Task.PRODUCT);
        assertTrue(difference > 0.9, "difference " + difference);
        assertTrue(product > 0.8, "product " + product);

        Path adapter = folder.resolve("adapter.zip");
        Path merged = folder.resolve("merged.zip");
        Path model = folder.resolve("model.zip");
        adapted.save(adapter);
        adapted.saveModel(model, true);
        adapted.merge().save(merged.toFile());
        assertTrue(Files.size(adapter) < Files.size(merged), "an adapter is smaller than its model");
        MultiLayerNetwork loaded = consumer.fresh().load("loaded", adapter);
        assertEquals(product, accuracy(loaded, Consumer.Task.PRODUCT));
        MultiLayerNetwork plain = MultiLayerNetwork.load(merged.toFile(), true);
        assertFalse(plain.getLayerWiseConfigurations().toJson().contains("lora4j"), "plain layers only");
        assertEquals(product, accuracy(plain, Consumer.Task.PRODUCT), 0.01);
        LoraNetwork<MultiLayerNetwork> restored = Lora.restoreMultiLayerNetwork(model);
        assertEquals(product, accuracy(restored.network(), Consumer.Task.PRODUCT));

        restored.disable();
        double base = accuracy(restored.network(), Consumer.Task.PRODUCT);
        assertTrue(base < 0.7, "without its adapter the base cannot do it: " + base);
        restored.enable();
        restored.mergeInPlace();
        assertEquals(product, accuracy(restored.network(), Consumer.Task.PRODUCT), 0.01);
        restored.unmerge();
        assertEquals(product, accuracy(restored.network(), Consumer.Task.PRODUCT));

        MultiLayerNetwork next = new TransferLearning.Builder(plain)
                .setFeatureExtractor(1)
                .nOutReplace(2, 2, WeightInit.XAVIER)
                .build();
        next.fit(Consumer.batches(Consumer.Task.PRODUCT, 2), 5);
        assertTrue(accuracy(next, Consumer.Task.PRODUCT) > 0.75, "a merged network goes through transfer learning");
    }

    @Test
    void aGraphStartsByLoraGaAndStopsEarly() {
        GraphConsumer consumer = new GraphConsumer();
        LoraNetwork<ComputationGraph> adapted = consumer.adapt();
        double before = consumer.accuracy(true);
        double accuracy = accuracy(adapted.network());
        assertTrue(accuracy > 0.85 && accuracy > before + 0.1, "diagonals " + before + " -> " + accuracy);
        assertTrue(adapted.trainableParameters() < adapted.baseParameters());
        assertEquals(accuracy, accuracy(adapted.merge()), 0.01);
        Path model = folder.resolve("graph.zip");
        adapted.saveModel(model, true);
        assertEquals(accuracy, accuracy(Lora.restoreComputationGraph(model).network()));
    }

    @Test
    void theClassPathHasNoTokenizerYamlOrCommandLineLibrary() {
        List<String> jars = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(path -> Path.of(path).getFileName().toString().toLowerCase(Locale.ROOT))
                .toList();
        assertTrue(jars.stream().anyMatch(jar -> jar.startsWith("toolkit-core")), jars.toString());
        for (String library : List.of("tokenizer", "yaml", "picocli", "commons-cli", "jcommander", "datasets-")) {
            assertTrue(jars.stream().noneMatch(jar -> jar.contains(library)), library + " in " + jars);
        }
    }

    private static double accuracy(MultiLayerNetwork network, Consumer.Task task) {
        return network.evaluate(Consumer.batches(task, 3)).accuracy();
    }

    private static double accuracy(ComputationGraph graph) {
        return graph.evaluate(GraphConsumer.batches(true, 3)).accuracy();
    }
}
