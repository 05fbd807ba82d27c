package io.lora4j.recipes.bench;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.gradient.GradientEstimator;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.AdapterSetup;
import io.lora4j.init.LoraGaInit;
import io.lora4j.init.LoraOneInit;
import io.lora4j.init.PissaInit;
import io.lora4j.linalg.Accuracy;
import io.lora4j.linalg.Svd;
import io.lora4j.linalg.TruncatedSvd;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.parallel.ExampleCost;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.train.RandomStreams;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What an initialisation costs beside the gradient it needs, and what one truncated SVD costs; not a test.
 *
 * <pre>
 *   InitBenchmark init minilm-l6|bert-base ROUNDS       256 examples, rank 8 on all linear layers, random weights
 *   InitBenchmark svd FILE ROWS COLUMNS RANK SECONDS    FILE: float32, little-endian, row by row
 * </pre>
 *
 * Prints a JSON line for every method and accuracy.
 */
final class InitBenchmark {
    private static final int EXAMPLES = 256;
    private static final int RANK = 8;

    private InitBenchmark() {}

    public static void main(String[] args) throws IOException {
        if (args[0].equals("svd")) {
            svd(Path.of(args[1]), integer(args[2]), integer(args[3]), integer(args[4]), Double.parseDouble(args[5]));
        } else {
            init(BenchModel.valueOf(args[1].toUpperCase(Locale.ROOT).replace('-', '_')), integer(args[2]));
        }
    }

    private static int integer(String text) {
        return Integer.parseInt(text);
    }

    private static void init(BenchModel shape, int rounds) {
        BenchConfig config =
                new BenchConfig(shape, BenchMode.GRAD, BenchTargets.ALL, RANK, 16, 32, 64, false, 0, 2, 1, 0, 60, 7);
        StepBench.useThreads(config.threads());
        EncoderConfig encoder = shape.encoder(0);
        FrozenWeights weights = Workload.weights(encoder, config.seed());
        ComputationGraphConfiguration plain =
                EncoderGraph.classifier(encoder, Pooling.CLS, Workload.LABELS, DataType.FLOAT, config.seed());
        LoraConfig adapters = LoraConfig.builder()
                .rank(RANK)
                .alpha(16)
                .targetModules(BenchTargets.ALL.modules().toArray(String[]::new))
                .build();
        Set<String> targets = Set.copyOf(AdapterInjector.targets(plain, adapters));
        List<MultiDataSet> chunks = Collections.nCopies(EXAMPLES / config.batch(), Workload.batch(config));
        RandomStreams streams = new RandomStreams(config.seed());
        AdaptedModel model = AdaptedModel.of(plain, weights);
        for (int round = 0; round < rounds; round++) {
            long begin = System.nanoTime();
            WeightGradients gradients;
            try (GraphTwins twins = model.twins(ExampleCost.TOKENS, config.threads())) {
                gradients = new GradientEstimator(DataType.FLOAT, streams).estimate(twins, targets, chunks);
            }
            double gradient = seconds(begin);
            for (AdapterInitializer method : List.of(new LoraOneInit(), new LoraGaInit(), new PissaInit())) {
                AdaptedModel adapted = AdaptedModel.of(AdapterInjector.inject(plain, adapters), weights);
                long start = System.nanoTime();
                AdapterSetup.apply(adapted, method, gradients, streams);
                double rest = seconds(start);
                System.out.printf(
                        Locale.ROOT,
                        "{\"model\":\"%s\",\"method\":\"%s\",\"layers\":%d,\"gradient_s\":%.3f,\"start_s\":%.3f,\"ratio\":%.3f}%n",
                        shape,
                        method.name(),
                        targets.size(),
                        gradient,
                        rest,
                        1 + rest / gradient);
            }
        }
    }

    private static void svd(Path file, int rows, int columns, int rank, double seconds) throws IOException {
        float[] values = new float[rows * columns];
        ByteBuffer.wrap(Files.readAllBytes(file))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        INDArray matrix = Nd4j.createFromArray(values).reshape('c', rows, columns);
        Svd exact = TruncatedSvd.of(matrix, rank);
        double best = residual(matrix, exact);
        for (Accuracy accuracy : Accuracy.values()) {
            Svd svd = TruncatedSvd.of(matrix, rank, accuracy);
            double error = 0;
            for (int i = 0; i < rank; i++) {
                error = Math.max(error, Math.abs(svd.s()[i] / exact.s()[i] - 1));
            }
            double[] times = times(() -> TruncatedSvd.of(matrix, rank, accuracy), seconds);
            System.out.printf(
                    Locale.ROOT,
                    "{\"peer\":\"lora4j\",\"rows\":%d,\"columns\":%d,\"rank\":%d,\"accuracy\":\"%s\",\"ms_median\":%.3f,"
                            + "\"ms_min\":%.3f,\"s_error\":%.1e,\"residual_above_best\":%.1e}%n",
                    rows,
                    columns,
                    rank,
                    accuracy.toString().toLowerCase(Locale.ROOT),
                    times[times.length / 2],
                    times[0],
                    error,
                    residual(matrix, svd) / best - 1);
        }
    }

    /** Milliseconds, ascending, after a warm-up of the same length. */
    private static double[] times(Runnable work, double seconds) {
        double[] times = new double[100_000];
        for (int pass = 0; ; pass++) {
            long begin = System.nanoTime();
            int count = 0;
            while (count < 3 || (seconds(begin) < seconds && count < times.length)) {
                long start = System.nanoTime();
                work.run();
                times[count++] = seconds(start) * 1e3;
            }
            if (pass == 1) {
                Arrays.sort(times, 0, count);
                return Arrays.copyOf(times, count);
            }
        }
    }

    private static double residual(INDArray matrix, Svd svd) {
        INDArray p =
                svd.u().mulRowVector(Nd4j.createFromArray(svd.s())).mmul(svd.v().transpose());
        return matrix.castTo(DataType.DOUBLE).sub(p).norm2Number().doubleValue();
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) * 1e-9;
    }
}
