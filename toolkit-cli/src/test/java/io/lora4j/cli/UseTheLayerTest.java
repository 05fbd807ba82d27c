package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenLinear;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.Scaling;
import io.lora4j.optim.AdamW;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The README's example of the layer: compiled, run, and the same text. */
class UseTheLayerTest {
    private static AdaptedModel example(FrozenWeights weights) {
        // example
        ComputationGraphConfiguration base = new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new AdamW(0.01))
                .graphBuilder()
                .addInputs("x")
                .addLayer(
                        "encoder.dense",
                        FrozenLinear.builder()
                                .nIn(16)
                                .nOut(16)
                                .activation(Activation.TANH)
                                .build(),
                        "x")
                .addLayer(
                        "classifier",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(16)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "encoder.dense")
                .setOutputs("classifier")
                .build();

        // rank, alpha, scaling, dropout, targets
        LoraConfig lora = new LoraConfig(4, 8, Scaling.RSLORA, 0.0, List.of("dense"));
        ComputationGraphConfiguration adapted = AdapterInjector.inject(base, lora);

        // weights: "encoder.dense.weight" [16, 16] and "encoder.dense.bias" [16], shared and never written
        AdaptedModel model = AdaptedModel.of(adapted, weights);
        ComputationGraph graph = model.graph(); // an ordinary graph: fit, output, evaluate
        // end of example
        assertEquals(model.trainableParameters(), graph.numParams());
        return model;
    }

    @Test
    void adaptersLearnAndFrozenArraysStay() {
        Nd4j.getRandom().setSeed(7);
        INDArray weight = Nd4j.randn(16, 16).muli(0.3);
        INDArray before = weight.dup();
        FrozenWeights weights =
                new FrozenWeights(Map.of("encoder.dense.weight", weight, "encoder.dense.bias", Nd4j.zeros(16)));
        AdaptedModel model = example(weights);
        assertEquals(2 * 16 * 4 + 16 * 2 + 2, model.trainableParameters());

        INDArray x = Nd4j.randn(64, 16);
        INDArray labels = Nd4j.zeros(64, 2);
        for (int row = 0; row < 64; row++) {
            labels.putScalar(row, x.getDouble(row, 0) * x.getDouble(row, 1) > 0 ? 1 : 0, 1);
        }
        DataSet data = new DataSet(x, labels);
        double first = model.graph().score(data);
        for (int step = 0; step < 100; step++) {
            model.graph().fit(data);
        }
        assertTrue(
                model.graph().score(data) < 0.8 * first,
                "score from " + first + " to " + model.graph().score(data));
        assertEquals(before, weight);
    }

    @Test
    void theReadmeShowsThisVeryExample() throws IOException {
        String source = Files.readString(Path.of("src/test/java/io/lora4j/cli/UseTheLayerTest.java"));
        String shown = between(Files.readString(Path.of("..", "README.md")), "```java\n", "```");
        assertEquals(
                between(source, "// example\n", "// end of example")
                        .stripIndent()
                        .strip(),
                shown.strip());
    }

    private static String between(String text, String start, String end) {
        Matcher matcher = Pattern.compile(Pattern.quote(start) + "(.*?)" + Pattern.quote(end), Pattern.DOTALL)
                .matcher(text);
        assertTrue(matcher.find(), "no " + start + " in the text");
        return matcher.group(1);
    }
}
