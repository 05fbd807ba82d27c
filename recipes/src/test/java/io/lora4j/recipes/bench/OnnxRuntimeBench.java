package io.lora4j.recipes.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.lora4j.datasets.EncodedExample;
import io.lora4j.datasets.TaskData;
import io.lora4j.datasets.TokenCache;
import io.lora4j.models.ModelStore;
import io.lora4j.models.PretrainedModel;
import io.lora4j.recipes.KnownTasks;
import io.lora4j.recipes.run.EncodedTask;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Passes over a task's dev set with ONNX Runtime for Java, timed: the same token ids as {@code lora4j bench --mode infer}, every batch padded to
 * its longest row. A program, for {@code lora4j bench --vs}; docs/PERFORMANCE.md has its command line.
 *
 * <p>Arguments: the ONNX file, the task, its folder, examples of a batch, {@code sorted} by length or in the {@code file}'s order, threads, passes
 * before those that are timed, and timed ones.
 */
public final class OnnxRuntimeBench {
    private static final int MAX_LENGTH = 128;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final String output;

    private OnnxRuntimeBench(String file, int threads) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            session = environment.createSession(file, options);
        }
        output = vectors(session);
    }

    /** The output that has a vector per example: logits, or the pooler's. The other one, a vector per token, would only be copied. */
    private static String vectors(OrtSession session) throws OrtException {
        for (var each : session.getOutputInfo().entrySet()) {
            if (((TensorInfo) each.getValue().getInfo()).getShape().length == 2) {
                return each.getKey();
            }
        }
        throw new IllegalArgumentException("no output [batch, n] among " + session.getOutputNames());
    }

    /**
     * Prints one JSON line.
     *
     * @param args see above
     * @throws OrtException if the file cannot be run
     */
    public static void main(String[] args) throws OrtException {
        TaskData task = KnownTasks.read(args[1], Path.of(args[2]));
        Path home = ModelStore.defaultHome();
        PretrainedModel model = new ModelStore(home).load("all-MiniLM-L6-v2", DataType.FLOAT);
        List<EncodedExample> dev =
                EncodedTask.encode(task.dev(), model, MAX_LENGTH, new TokenCache(home.resolve("tokens")));
        boolean sorted = args[4].equals("sorted");
        List<List<EncodedExample>> batches = batches(dev, Integer.parseInt(args[3]), sorted);
        OnnxRuntimeBench bench = new OnnxRuntimeBench(args[0], Integer.parseInt(args[5]));
        for (int i = 0; i < Integer.parseInt(args[6]); i++) {
            bench.pass(batches);
        }
        MachineLoad load = new MachineLoad();
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[7]); i++) {
            long start = System.nanoTime();
            bench.pass(batches);
            seconds.add((System.nanoTime() - start) * 1e-9);
        }
        System.out.println(
                bench.figures(task, dev, batches, sorted, seconds, load).line());
    }

    private static List<List<EncodedExample>> batches(List<EncodedExample> dev, int size, boolean sorted) {
        List<EncodedExample> order = new ArrayList<>(dev);
        if (sorted) {
            order.sort(Comparator.comparingInt(EncodedExample::length));
        }
        List<List<EncodedExample>> batches = new ArrayList<>();
        for (int from = 0; from < order.size(); from += size) {
            batches.add(order.subList(from, Math.min(order.size(), from + size)));
        }
        return batches;
    }

    private static int width(List<EncodedExample> batch) {
        return batch.stream().mapToInt(EncodedExample::length).max().orElseThrow();
    }

    private double pass(List<List<EncodedExample>> batches) throws OrtException {
        double sum = 0;
        for (List<EncodedExample> batch : batches) {
            Map<String, OnnxTensor> inputs = inputs(batch);
            try (OrtSession.Result result = session.run(inputs, Set.of(output))) {
                FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
                while (values.hasRemaining()) {
                    sum += values.get();
                }
            } finally {
                inputs.values().forEach(OnnxTensor::close);
            }
        }
        return sum;
    }

    private Map<String, OnnxTensor> inputs(List<EncodedExample> batch) throws OrtException {
        int width = width(batch);
        long[] ids = new long[batch.size() * width];
        long[] types = new long[ids.length];
        long[] mask = new long[ids.length];
        for (int row = 0; row < batch.size(); row++) {
            EncodedExample example = batch.get(row);
            for (int i = 0; i < example.length(); i++) {
                ids[row * width + i] = example.ids()[i];
                types[row * width + i] = example.typeIds()[i];
                mask[row * width + i] = 1;
            }
        }
        Map<String, long[]> all = Map.of("input_ids", ids, "token_type_ids", types, "attention_mask", mask);
        long[] shape = {batch.size(), width};
        Map<String, OnnxTensor> tensors = new HashMap<>();
        for (String name : session.getInputNames()) {
            tensors.put(name, OnnxTensor.createTensor(environment, LongBuffer.wrap(all.get(name)), shape));
        }
        return tensors;
    }

    private BenchResult figures(
            TaskData task,
            List<EncodedExample> dev,
            List<List<EncodedExample>> batches,
            boolean sorted,
            List<Double> seconds,
            MachineLoad load)
            throws OrtException {
        List<Double> ordered = seconds.stream().sorted().toList();
        double median = ordered.get(ordered.size() / 2);
        long tokens = dev.stream().mapToLong(EncodedExample::length).sum();
        long cells = batches.stream()
                .mapToLong(each -> (long) each.size() * width(each))
                .sum();
        Double others = load.otherProcessors();
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("peer", "onnxruntime");
        map.put("version", environment.getVersion());
        map.put("task", task.task());
        map.put("dev", dev.size());
        map.put("order", sorted ? "sorted" : "file");
        map.put("batches", batches.size());
        map.put("output", output);
        map.put("checksum", StepBench.rounded(pass(batches), 3));
        map.put("passes", seconds.size());
        map.put(InferenceBench.PASS_SECONDS, StepBench.rounded(median, 4));
        map.put("eval_s_min", StepBench.rounded(ordered.get(0), 4));
        map.put("eval_examples_per_s", StepBench.rounded(dev.size() / median, 1));
        map.put("tokens_per_s", Math.round(tokens / median));
        map.put("padded_share", StepBench.rounded(1 - (double) tokens / cells, 3));
        map.put(BenchResult.MEMORY, MachineLoad.peakResidentMb());
        map.put("other_cpu", others == null ? null : StepBench.rounded(others, 2));
        return new BenchResult(map);
    }
}
