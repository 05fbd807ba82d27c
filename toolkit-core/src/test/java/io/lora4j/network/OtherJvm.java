package io.lora4j.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A JVM of its own without LoRA4J on its class path. */
final class OtherJvm {
    private OtherJvm() {}

    /**
     * Saves a network and has the other JVM load it and compare its output.
     *
     * @param folder where files go
     * @param merged a MultiLayerNetwork or a ComputationGraph with one input and one output
     * @param input its input
     * @param expected its output
     */
    static void assertComputesTheSame(Path folder, Model merged, INDArray input, INDArray expected) throws Exception {
        Path program = folder.resolve("LoadMerged.java");
        try (var source = Objects.requireNonNull(OtherJvm.class.getResourceAsStream("/merged/LoadMerged.java"))) {
            Files.write(program, source.readAllBytes());
        }
        Path model = folder.resolve("merged-model.zip");
        ModelSerializer.writeModel(merged, model.toFile(), true);
        Path inputs = write(folder.resolve("input.bin"), input);
        Path outputs = write(folder.resolve("expected.bin"), expected);
        String path = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> !entry.contains("toolkit-core"))
                .collect(Collectors.joining(File.pathSeparator));
        Path log = folder.resolve("log.txt");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        path,
                        program.toString(),
                        merged instanceof ComputationGraph ? "graph" : "network",
                        model.toString(),
                        inputs.toString(),
                        outputs.toString()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertTrue(process.waitFor(3, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), () -> read(log));
    }

    private static Path write(Path file, INDArray array) throws IOException {
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
