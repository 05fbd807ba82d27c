package io.lora4j.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.LoraConfig;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A merged network is a plain one: another JVM without LoRA4J on its class path loads it and computes the same. */
@Tag("slow")
class MergedWithoutLora4jTest {
    @TempDir
    private Path folder;

    @Test
    void aNetworkLoads() throws Exception {
        LoraNetwork<MultiLayerNetwork> adapted = Networks.adapted(Networks.Kind.BATCH_NORM_CONV, DataType.FLOAT);
        INDArray x = Networks.data(Networks.Kind.BATCH_NORM_CONV, DataType.FLOAT, 4, 1)
                .getFeatures();
        check("network", adapted.merge(), x, adapted.network().output(x));
    }

    @Test
    void aGraphLoads() throws Exception {
        ComputationGraph graph = oneInput();
        LoraNetwork<ComputationGraph> adapted = Lora.inject(
                graph, LoraConfig.builder().rank(2).targetPattern(".*").build());
        Networks.randomize(adapted);
        INDArray x = Nd4j.rand(DataType.FLOAT, 4, 4);
        check("graph", adapted.merge(), x, adapted.network().outputSingle(x));
    }

    private static ComputationGraph oneInput() {
        return Networks.base(
                        Networks.Kind.MLP,
                        DataType.FLOAT,
                        new org.nd4j.linalg.learning.config.Adam(0.01),
                        WorkspaceMode.ENABLED,
                        0)
                .toComputationGraph();
    }

    private void check(String kind, Model merged, INDArray input, INDArray expected) throws Exception {
        Path program = folder.resolve("LoadMerged.java");
        try (var source = getClass().getResourceAsStream("/merged/LoadMerged.java")) {
            Files.write(program, source.readAllBytes());
        }
        Path model = folder.resolve("merged.zip");
        ModelSerializer.writeModel(merged, model.toFile(), true);
        Path inputs = write("input.bin", input);
        Path outputs = write("expected.bin", expected);
        String path = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("toolkit-core"))
                .collect(Collectors.joining(File.pathSeparator));
        Path log = folder.resolve("log.txt");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        path,
                        program.toString(),
                        kind,
                        model.toString(),
                        inputs.toString(),
                        outputs.toString()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertTrue(process.waitFor(3, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), () -> read(log));
    }

    private Path write(String name, INDArray array) throws IOException {
        Path file = folder.resolve(name);
        Nd4j.saveBinary(array, file.toFile());
        return file;
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
