package io.lora4j.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.LayerKind;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.Scaling;
import io.lora4j.init.LoraOneInit;
import io.lora4j.train.RandomStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;

/** The examples of this module's README: compiled, run, and the same text; what they merge computes the same in another JVM. */
@Tag("slow")
class ExamplesTest {
    @TempDir
    private Path folder;

    private static DataSetIterator batches(DataSet data) {
        return BaseModels.batches(data);
    }

    /** The merged network, loaded where LoRA4J is not on the class path. */
    private void elsewhere(MultiLayerNetwork merged, DataSet rows) throws Exception {
        OtherJvm.assertComputesTheSame(folder, merged, rows.getFeatures(), merged.output(rows.getFeatures()));
    }

    private static DataSet negated(boolean newHalf, int examples, long seed) {
        DataSet data = SyntheticData.table(newHalf, examples, seed);
        return new DataSet(data.getFeatures().neg(), data.getLabels());
    }

    @Test
    void aTrainedCnnLearnsNewClasses() throws Exception {
        MultiLayerNetwork cnn = BaseModels.images();
        DataSetIterator newClasses = batches(SyntheticData.images(true, 800, 2));
        DataSetIterator test = batches(SyntheticData.images(true, 1000, 3));
        Path file = folder.resolve("cnn.zip");
        // example cnn
        // A new head for the new classes; everything below it is what the network has learnt.
        MultiLayerNetwork base = new TransferLearning.Builder(cnn)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(new Adam(5e-3))
                        .build())
                .nOutReplace(5, 4, WeightInit.XAVIER)
                .build();
        // Adapters beside the convolutions and the dense layer; the head is trained whole.
        LoraConfig config = LoraConfig.builder()
                .rank(6)
                .alpha(16)
                .scaling(Scaling.RSLORA)
                .targetKinds(LayerKind.CONVOLUTION_2D, LayerKind.DENSE)
                .modulesToSave("head")
                .build();
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(base, config);
        adapted.network().fit(newClasses, 30);
        // A network of plain DL4J layers, for wherever the old one runs.
        MultiLayerNetwork merged = adapted.merge();
        merged.save(file.toFile());
        double accuracy = merged.evaluate(test).accuracy();
        // end of example cnn
        assertTrue(accuracy > 0.85, "accuracy " + accuracy);
        elsewhere(merged, SyntheticData.images(true, 20, 6));
        assertTrue(adapted.trainableParameters() < adapted.baseParameters() / 2);
    }

    @Test
    void anMlpOnTabularDataStartsFromTheGradient() throws Exception {
        MultiLayerNetwork mlp = BaseModels.table();
        DataSetIterator rows = batches(SyntheticData.table(true, 1500, 2));
        DataSetIterator test = batches(SyntheticData.table(true, 1000, 3));
        // example table
        LoraConfig config = LoraConfig.builder()
                .rank(4)
                .alpha(16)
                .scaling(Scaling.RSLORA)
                .targetPattern("dense[12]|dense3")
                .rankPattern("dense1", 8) // more where the rows come in
                .modulesToSave("head")
                .build();
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(mlp, config);
        // LoRA-One: the adapters start as one step down the gradient of 256 of your own rows.
        adapted.initialize(new LoraOneInit(), Minibatches.first(rows, 256), new RandomStreams(1));
        adapted.network().fit(rows, 40);
        double accuracy = adapted.network().evaluate(test).accuracy();
        // end of example table
        assertTrue(accuracy > 0.85, "accuracy " + accuracy);
        elsewhere(adapted.merge(), SyntheticData.table(true, 20, 6));
    }

    @Test
    void twoAdaptersServeInTurn() throws Exception {
        MultiLayerNetwork mlp = BaseModels.table();
        DataSetIterator east = batches(SyntheticData.table(true, 1500, 2));
        DataSetIterator west = batches(negated(false, 1500, 4));
        DataSetIterator eastTest = batches(SyntheticData.table(true, 1000, 3));
        DataSetIterator westTest = batches(negated(false, 1000, 5));
        Path file = folder.resolve("west.zip");
        // example adapters
        LoraConfig config = LoraConfig.builder()
                .rank(8)
                .alpha(16)
                .scaling(Scaling.RSLORA)
                .targetKinds(LayerKind.DENSE)
                .modulesToSave("head")
                .build();
        LoraNetwork<MultiLayerNetwork> served = Lora.inject(mlp, config);
        served.network().fit(east, 40);
        served.add("west", config).network().fit(west, 40); // over the same frozen weights
        served.save(file); // the active adapter alone, without the base
        // Switching copies and loads nothing; each network may also serve on its own.
        double eastAccuracy = served.use(Lora.DEFAULT).evaluate(eastTest).accuracy();
        double westAccuracy = served.use("west").evaluate(westTest).accuracy();
        // Another process with the same base needs the small file only.
        MultiLayerNetwork again = Lora.inject(mlp, config).load("west", file);
        double againAccuracy = again.evaluate(westTest).accuracy();
        // end of example adapters
        assertTrue(eastAccuracy > 0.85, "east " + eastAccuracy);
        assertTrue(westAccuracy > 0.85, "west " + westAccuracy);
        assertEquals(westAccuracy, againAccuracy);
        assertTrue(served.network(Lora.DEFAULT).evaluate(westTest).accuracy() < 0.6, "the adapters differ");
        elsewhere(served.merge(), SyntheticData.table(true, 20, 6));
        served.disable();
        assertEquals(
                mlp.evaluate(westTest).accuracy(),
                served.network().evaluate(westTest).accuracy());
    }

    @ParameterizedTest
    @ValueSource(strings = {"cnn", "table", "adapters"})
    void theReadmeShowsTheseVeryExamples(String name) throws IOException {
        String source = Files.readString(Path.of("src/test/java/io/lora4j/network/ExamplesTest.java"));
        String code = between(source, "// example " + name + "\n", "// end of example " + name)
                .stripIndent()
                .strip();
        String readme = Files.readString(Path.of("README.md"));
        assertEquals(
                between(readme, "<!-- example: " + name + " -->\n```java\n", "```")
                        .strip(),
                code);
        assertTrue(code.lines().count() < 40, "an example is under 40 lines");
    }

    private static String between(String text, String start, String end) {
        Matcher matcher = Pattern.compile(Pattern.quote(start) + "(.*?)" + Pattern.quote(end), Pattern.DOTALL)
                .matcher(text);
        assertTrue(matcher.find(), "no " + start + " in the text");
        return matcher.group(1);
    }
}
