package io.lora4j.network;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.LayerKind;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.LoraConfigBuilder;
import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import io.lora4j.init.LoraGaInit;
import io.lora4j.init.LoraOneInit;
import io.lora4j.optim.AdamW;
import io.lora4j.optim.GroupedOptimizer;
import io.lora4j.optim.LinearWarmupSchedule;
import io.lora4j.optim.LoraPlusGroups;
import io.lora4j.train.RandomStreams;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.datasets.iterator.ExistingDataSetIterator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.weights.WeightInit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * A dense and a convolutional network, trained from scratch on one half of the classes and adapted to the other half: full fine-tuning, a
 * new head alone, and LoRA variants. Three seeds, each with training data, a new head and adapters of its own; prints the README's table.
 */
@Tag("slow")
class AdaptToNewClassesTest {
    private static final int EPOCHS = 24;
    private static final int BATCH = 64;
    private static final int SEEDS = 3;
    private static final double PLUS_RATIO = 4;

    /** The rows of the table; rates by a grid between 0.001 and 0.02, the same for both networks. */
    private enum Method {
        FULL("full fine-tuning", 0.01),
        LORA("LoRA", 0.008),
        LORA_PLUS("LoRA+", 0.006),
        LORA_GA("LoRA-GA", 0.008),
        LORA_ONE("LoRA-One", 0.008),
        DORA("DoRA", 0.008),
        HEAD("a new head alone", 0.02);

        private final String title;
        private final double rate;

        Method(String title, double rate) {
            this.title = title;
            this.rate = rate;
        }

        boolean isLora() {
            return this != FULL && this != HEAD;
        }
    }

    private record Row(long trainable, List<Double> accuracies) {
        double mean() {
            return accuracies.stream().mapToDouble(a -> a).average().orElseThrow();
        }

        /** The sample's standard deviation. */
        double deviation() {
            double mean = mean();
            double sum = accuracies.stream()
                    .mapToDouble(a -> (a - mean) * (a - mean))
                    .sum();
            return Math.sqrt(sum / (accuracies.size() - 1));
        }
    }

    /** One of the two tasks. */
    private record Task(
            String name,
            MultiLayerNetwork base,
            int head,
            IntFunction<DataSet> train,
            DataSet test,
            Supplier<LoraConfigBuilder> config) {}

    @Test
    void convolutionalNetwork() {
        compare(new Task(
                "CNN",
                BaseModels.images(),
                5,
                seed -> SyntheticData.images(true, 800, 20 + seed),
                SyntheticData.images(true, 2000, 3),
                () -> LoraConfig.builder()
                        .targetKinds(LayerKind.CONVOLUTION_2D, LayerKind.DENSE)
                        .rank(6)));
    }

    @Test
    void denseNetwork() {
        compare(new Task(
                "MLP",
                BaseModels.table(),
                3,
                seed -> SyntheticData.table(true, 1500, 20 + seed),
                SyntheticData.table(true, 2000, 3),
                // Ten features go in: LoRA-GA takes 2r singular directions of them.
                () -> LoraConfig.builder().targetKinds(LayerKind.DENSE).rank(8).rankPattern("dense1", 5)));
    }

    private static void compare(Task task) {
        Map<Method, Row> rows = new EnumMap<>(Method.class);
        for (Method method : Method.values()) {
            rows.put(method, row(task, method));
        }
        StringBuilder table = new StringBuilder();
        rows.forEach((method, row) -> table.append(String.format(
                Locale.ROOT,
                "| %s | %s | %d | %s | %.1f ± %.1f |%n",
                task.name,
                method.title,
                row.trainable,
                method.rate,
                100 * row.mean(),
                100 * row.deviation())));
        System.out.print(table);
        rows.forEach((method, row) -> assertReadmeShows(task, method, row));

        double full = Objects.requireNonNull(rows.get(Method.FULL)).mean();
        double head = Objects.requireNonNull(rows.get(Method.HEAD)).mean();
        List<Executable> claims = new ArrayList<>();
        claims.add(() -> assertTrue(full - head >= 0.15, "the split must leave something to gain:\n" + table));
        rows.forEach((method, row) -> {
            if (method.isLora()) {
                claims.add(() -> assertTrue(
                        row.mean() >= full - 0.02, method.title + " is not within 2 points of full:\n" + table));
                claims.add(() -> assertTrue(
                        row.mean() >= head + 0.10, method.title + " is not well above the head alone:\n" + table));
            }
        });
        assertAll(claims);
    }

    /** The README's line: method, rate, and for each network trainable count and accuracy. */
    private static void assertReadmeShows(Task task, Method method, Row row) {
        List<String> cells;
        try (Stream<String> lines = Files.lines(Path.of("README.md"))) {
            cells = lines.filter(line -> line.startsWith("| " + method.title + " |"))
                    .map(line -> List.of(line.split("\\s*\\|\\s*", -1)))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int column = task.name.equals("CNN") ? 3 : 5;
        assertEquals(method.rate, Double.parseDouble(cells.get(2)), method.title);
        assertEquals(row.trainable, Long.parseLong(cells.get(column)), method.title);
        String accuracy = cells.get(column + 1);
        double shown = Double.parseDouble(accuracy.substring(0, accuracy.indexOf(' ')));
        assertEquals(shown, 100 * row.mean(), 1.5, method.title + ": the README shows another accuracy");
    }

    private static Row row(Task task, Method method) {
        List<Double> accuracies = new ArrayList<>();
        long trainable = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            DataSet train = task.train.apply(seed);
            AdamW updater = new AdamW(
                    new LinearWarmupSchedule(method.rate, 0, EPOCHS * ((train.numExamples() + BATCH - 1) / BATCH)));
            MultiLayerNetwork fresh = newHead(task, updater, seed);
            MultiLayerNetwork trained;
            if (method == Method.FULL) {
                trained = fresh;
                trainable = fresh.numParams();
                fresh.fit(batches(train), EPOCHS);
            } else if (method == Method.HEAD) {
                trained = new TransferLearning.Builder(fresh)
                        .setFeatureExtractor(task.head - 1)
                        .build();
                trainable = trained.getLayer(task.head).numParams();
                trained.fit(batches(train), EPOCHS);
            } else {
                LoraNetwork<MultiLayerNetwork> adapted = adapted(task, method, fresh, updater, train, seed);
                adapted.network().fit(batches(train), EPOCHS);
                trained = adapted.merge();
                trainable = adapted.trainableParameters();
            }
            accuracies.add(trained.evaluate(batches(task.test)).accuracy());
        }
        return new Row(trainable, accuracies);
    }

    private static LoraNetwork<MultiLayerNetwork> adapted(
            Task task, Method method, MultiLayerNetwork fresh, AdamW updater, DataSet train, int seed) {
        LoraConfigBuilder config =
                task.config.get().alpha(16).scaling(Scaling.RSLORA).modulesToSave("head");
        if (method == Method.DORA) {
            config.weightForm(WeightForm.DORA);
        }
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(fresh, config.build());
        if (method == Method.LORA_PLUS) {
            new GroupedOptimizer(updater, 0, new LoraPlusGroups(PLUS_RATIO))
                    .applyTo(adapted.network().getLayerWiseConfigurations());
        }
        if (method == Method.LORA_GA || method == Method.LORA_ONE) {
            adapted.initialize(
                    method == Method.LORA_GA ? new LoraGaInit() : new LoraOneInit(),
                    Minibatches.first(batches(train), 256),
                    new RandomStreams(seed));
        }
        return adapted;
    }

    private static MultiLayerNetwork newHead(Task task, AdamW updater, int seed) {
        return new TransferLearning.Builder(task.base)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(updater)
                        .seed(11 + seed)
                        .build())
                .nOutReplace(task.head, SyntheticData.CLASSES, WeightInit.XAVIER)
                .build();
    }

    private static DataSetIterator batches(DataSet data) {
        Iterable<DataSet> batches = data.batchBy(BATCH);
        return new ExistingDataSetIterator(batches);
    }
}
