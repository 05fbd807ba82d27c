package io.lora4j.models.export;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.Scaling;
import io.lora4j.models.ModelStore;
import io.lora4j.models.PretrainedModel;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.models.peft.PeftAdapter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Small encoders of every family with random adapters and heads of the size that training gives, and batches for them. */
final class ExportFixtures {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Path FAMILIES = GOLDEN.resolve("families");

    /** Loads, and that is all these tests need of it. */
    private static final String TOKENIZER = """
            {"version": "1.0", "added_tokens": [], "model": {"type": "WordLevel", "vocab": {"[UNK]": 0}, "unk_token": "[UNK]"}}
            """;

    private ExportFixtures() {}

    static Path tinyBert() {
        return GOLDEN.resolve("peft_fixture/tiny_bert_base");
    }

    /** Every tiny checkpoint there is. */
    static List<Path> checkpoints() {
        List<Path> all = new ArrayList<>(List.of(tinyBert()));
        if (Files.isDirectory(FAMILIES)) {
            try (Stream<Path> folders = Files.list(FAMILIES)) {
                folders.filter(f -> Files.exists(f.resolve("config.json")))
                        .sorted()
                        .forEach(all::add);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
        return all;
    }

    /** A checkpoint as a model folder, {@code hidden_act} replaced unless empty. */
    static PretrainedModel model(Path checkpoint, Path folder, String hiddenAct) throws IOException {
        Files.createDirectories(folder);
        Files.copy(checkpoint.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        String config = Files.readString(checkpoint.resolve("config.json"));
        Files.writeString(
                folder.resolve("config.json"),
                hiddenAct.isEmpty()
                        ? config
                        : config.replaceAll("\"hidden_act\": *\"\\w+\"", "\"hidden_act\": \"" + hiddenAct + "\""));
        Files.writeString(folder.resolve("tokenizer.json"), TOKENIZER);
        return new ModelStore(folder.resolve("home")).load(folder.toString(), DataType.FLOAT);
    }

    /** Adapters of rank 2 on all linear layers, and a head of three labels. */
    static LoadedAdapter adapter(PretrainedModel base, Pooling pooling) {
        return adapter(base, pooling, List.of("no", "maybe", "yes \"so\""));
    }

    /** The same with other labels; without labels a regression. */
    static LoadedAdapter adapter(PretrainedModel base, Pooling pooling, List<String> labels) {
        int outputs = Math.max(1, labels.size());
        EncoderConfig config = base.config().withDropout(0, 0, 0);
        ComputationGraphConfiguration classifier = EncoderGraph.classifier(config, pooling, outputs, DataType.FLOAT, 1);
        LoraConfig lora =
                new LoraConfig(2, 4, Scaling.STANDARD, 0, config.family().allLinear());
        AdaptedModel model = AdaptedModel.of(AdapterInjector.inject(classifier, lora), base.weights());
        double size = 1 / Math.sqrt(config.hiddenSize());
        // By name: places in the flat vector follow DL4J's order of the vertices, which depends on the pooling.
        model.graph().paramTable().forEach((name, parameter) -> {
            Random random = new Random(name.hashCode());
            INDArray values = Nd4j.create(DataType.FLOAT, parameter.shape());
            for (long i = 0; i < values.length(); i++) {
                values.putScalar(i, size * random.nextGaussian());
            }
            parameter.assign(values);
        });
        PeftAdapter adapter = PeftAdapter.of(model, base.weights(), Map.of());
        return new LoadedAdapter(base, adapter, labels, pooling, 16);
    }

    /** Random ids and types, padding included: layout, ids, types, [B, width]. */
    static int[][][] batch(EncoderConfig config, long seed, int width, int... lengths) {
        Random random = new Random(seed);
        int[][][] batch = new int[3][lengths.length][width];
        for (int b = 0; b < lengths.length; b++) {
            for (int t = 0; t < width; t++) {
                batch[0][b][t] = t < lengths[b] ? 1 : 0;
                batch[1][b][t] = random.nextInt(config.vocabSize());
                batch[2][b][t] = random.nextInt(Math.max(1, config.typeVocabSize()));
            }
        }
        return batch;
    }

    /** The logits of this project's own graph, [B, labels]: the head's product, before softmax. */
    static float[][] logits(ComputationGraph graph, int[][][] batch) {
        INDArray[] features = {
            Nd4j.createFromArray(batch[0]), Nd4j.createFromArray(batch[1]), Nd4j.createFromArray(batch[2])
        };
        String output = EncoderGraph.outputLayer(graph.getConfiguration());
        String input = graph.getConfiguration().getVertexInputs().get(output).get(0);
        INDArray vectors = graph.feedForward(features, false).get(input);
        return vectors.mmul(graph.getParam(output + "_W"))
                .addRowVector(graph.getParam(output + "_b"))
                .toFloatMatrix();
    }
}
