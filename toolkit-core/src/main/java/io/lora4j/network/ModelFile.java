package io.lora4j.network;

import io.lora4j.error.UserException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Base and adapter as one file: what DL4J's ModelSerializer writes of the adapted network (configuration, trainable parameters, updater),
 * and in the folder {@code lora4j/} the adapter ({@link AdapterFile}) and the base's configuration and parameters.
 *
 * <p>As with every DL4J model file, a configuration names classes: open files of your own only.
 */
final class ModelFile {
    private static final String FOLDER = "lora4j/";
    private static final String BASE_JSON = FOLDER + "base.json";
    private static final String BASE_PARAMETERS = FOLDER + "base.bin";

    private ModelFile() {}

    static <N extends Model> void write(Path file, NetworkForm<N> form, Variant<N> variant, boolean updater) {
        AdapterFile.requireEnabled(variant);
        ZipParts.replace(file, zip -> {
            Path dl4j = Files.createTempFile("lora4j", ".zip");
            try {
                ModelSerializer.writeModel(variant.network(), dl4j.toFile(), updater);
                try (ZipFile source = new ZipFile(dl4j.toFile())) {
                    Enumeration<? extends ZipEntry> entries = source.entries();
                    while (entries.hasMoreElements()) {
                        ZipEntry entry = entries.nextElement();
                        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                        source.getInputStream(entry).transferTo(bytes);
                        ZipParts.put(zip, entry.getName(), bytes.toByteArray());
                    }
                }
            } finally {
                Files.delete(dl4j);
            }
            AdapterFile.write(zip, FOLDER, form, variant);
            ZipParts.put(zip, BASE_JSON, form.baseJson().getBytes(StandardCharsets.UTF_8));
            ZipParts.put(zip, BASE_PARAMETERS, form.params());
        });
    }

    static LoraNetwork<MultiLayerNetwork> restoreMultiLayerNetwork(Path file) {
        return restore(
                file,
                (json, params) -> new MultiLayerForm(MultiLayerConfiguration.fromJson(json), params),
                () -> ModelSerializer.restoreMultiLayerNetwork(file.toFile(), true));
    }

    static LoraNetwork<ComputationGraph> restoreComputationGraph(Path file) {
        return restore(
                file,
                (json, params) -> {
                    ComputationGraphConfiguration base = ComputationGraphConfiguration.fromJson(json);
                    ComputationGraph graph = new ComputationGraph(base.clone());
                    graph.init(params, false);
                    return new GraphForm(graph, base, params);
                },
                () -> ModelSerializer.restoreComputationGraph(file.toFile(), true));
    }

    @FunctionalInterface
    private interface BaseReader<N extends Model> {
        NetworkForm<N> read(String json, INDArray params);
    }

    @FunctionalInterface
    private interface NetworkReader<N extends Model> {
        N read() throws IOException;
    }

    private static <N extends Model> LoraNetwork<N> restore(Path file, BaseReader<N> base, NetworkReader<N> network) {
        if (!Files.isRegularFile(file)) {
            throw new UserException("no model file " + file);
        }
        try (ZipFile zip = new ZipFile(file.toFile())) {
            String json = new String(ZipParts.bytes(file, zip, BASE_JSON), StandardCharsets.UTF_8);
            INDArray params = ZipParts.array(file, zip, BASE_PARAMETERS);
            NetworkForm<N> form = base.read(json, params.reshape(params.length()));
            Variant<N> variant = AdapterFile.read(file, zip, FOLDER, form);
            return new LoraNetwork<>(form, variant.with(network.read()));
        } catch (IOException e) {
            throw AdapterFile.damaged(file, e);
        }
    }
}
