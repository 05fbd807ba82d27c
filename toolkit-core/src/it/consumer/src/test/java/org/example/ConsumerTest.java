package org.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.network.LoraNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsumerTest {
    @TempDir
    Path folder;

    @Test
    void adaptsMergesSavesAndLoads() throws Exception {
        Consumer consumer = new Consumer();
        LoraNetwork<MultiLayerNetwork> adapted = consumer.adapt(folder);
        double accuracy = adapted.network().evaluate(Consumer.batches(true, 3)).accuracy();
        MultiLayerNetwork loaded = consumer.load(folder.resolve("adapter.zip"));
        MultiLayerNetwork merged = MultiLayerNetwork.load(folder.resolve("merged.zip").toFile(), false);

        assertTrue(accuracy > 0.8, "accuracy " + accuracy);
        assertEquals(accuracy, loaded.evaluate(Consumer.batches(true, 3)).accuracy());
        assertEquals(accuracy, merged.evaluate(Consumer.batches(true, 3)).accuracy(), 0.01);
        assertTrue(Files.size(folder.resolve("adapter.zip")) < Files.size(folder.resolve("merged.zip")));
    }
}
