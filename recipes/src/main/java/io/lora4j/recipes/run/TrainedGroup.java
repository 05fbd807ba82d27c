package io.lora4j.recipes.run;

import io.lora4j.adapter.LoraParamInitializer;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.optim.AdamW;
import io.lora4j.optim.DecoupledWeightDecay;
import io.lora4j.optim.ParameterGroups;
import io.lora4j.optim.WarmupSchedule;
import io.lora4j.recipes.table.TableText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Parameters of one network that learn alike, as they were really set up: read from the network, not from what was asked for.
 *
 * @param optimizer {@code AdamW} or {@code SGD}; {@code none} for parameters that are not trained
 * @param learningRate the peak rate; 0 if they are not trained
 * @param weightDecay the decoupled decay's coefficient; 0 for none
 * @param tensors what they are
 */
public record TrainedGroup(String optimizer, double learningRate, double weightDecay, List<Tensors> tensors) {
    /** Copies the list. */
    public TrainedGroup {
        tensors = List.copyOf(tensors);
    }

    /**
     * Tensors of one kind.
     *
     * @param kind {@code A}, {@code B}, {@code magnitude}, {@code head}, else {@code matrices} or {@code vectors} (biases and norms)
     * @param count how many
     * @param scalars their scalars together
     */
    public record Tensors(String kind, int count, long scalars) {
        private Tensors and(long more) {
            return new Tensors(kind, count + 1, scalars + more);
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s (%d, %,d scalars)", kind, count, scalars);
        }
    }

    /** What members of a group share. */
    private record Settings(String optimizer, double learningRate, double weightDecay) {}

    /**
     * All parameters in DL4J's table, in groups.
     *
     * @param graph an initialised graph with its updaters set
     * @return the groups in the graph's order; frozen weights outside the table are in none
     */
    static List<TrainedGroup> of(ComputationGraph graph) {
        Set<String> head = Set.copyOf(EncoderGraph.headLayers(graph.getConfiguration()));
        Map<Settings, Map<String, Tensors>> groups = new LinkedHashMap<>();
        for (GraphVertex vertex : graph.getVertices()) {
            if (vertex.numParams() == 0) {
                continue;
            }
            vertex.paramTable(false).forEach((param, array) -> {
                String kind = head.contains(vertex.getVertexName()) ? "head" : kind(param, array);
                groups.computeIfAbsent(settings(vertex.getConfig(), param), key -> new LinkedHashMap<>())
                        .merge(kind, new Tensors(kind, 1, array.length()), (sum, one) -> sum.and(one.scalars()));
            });
        }
        List<TrainedGroup> result = new ArrayList<>();
        groups.forEach((settings, tensors) -> result.add(new TrainedGroup(
                settings.optimizer(), settings.learningRate(), settings.weightDecay(), List.copyOf(tensors.values()))));
        return result;
    }

    private static String kind(String param, INDArray array) {
        return switch (param) {
            case ParameterGroups.LORA_A -> "A";
            case ParameterGroups.LORA_B -> "B";
            case LoraParamInitializer.LORA_MAGNITUDE -> "magnitude";
            default -> array.isVectorOrScalar() ? "vectors" : "matrices";
        };
    }

    private static Settings settings(TrainingConfig config, String param) {
        IUpdater updater = config.getUpdaterByParam(param);
        double rate = peak(updater);
        if (rate == 0) {
            return new Settings("none", 0, 0);
        }
        @Nullable List<Regularization> regularization = config.getRegularizationByParam(param);
        double decay = (regularization == null ? List.<Regularization>of() : regularization)
                .stream()
                        .filter(DecoupledWeightDecay.class::isInstance)
                        .mapToDouble(each -> ((DecoupledWeightDecay) each).coefficient(0, 0))
                        .sum();
        return new Settings(updater instanceof AdamW ? "AdamW" : "SGD", rate, decay);
    }

    private static double peak(IUpdater updater) {
        ISchedule schedule = null;
        if (updater instanceof AdamW adamW) {
            schedule = adamW.learningRateSchedule();
        } else if (updater instanceof Sgd sgd) {
            schedule = sgd.getLearningRateSchedule();
        }
        return schedule instanceof WarmupSchedule warmup ? warmup.peak() : updater.getLearningRate(0, 0);
    }

    /** Scalars of all members. */
    long scalars() {
        return tensors.stream().mapToLong(Tensors::scalars).sum();
    }

    /** One clause of a line. */
    String describe() {
        String what = tensors.stream().map(Tensors::toString).collect(Collectors.joining(" and "));
        if (learningRate == 0) {
            return what + " frozen";
        }
        String decay = weightDecay == 0 ? "no decay" : "decay " + TableText.shortest(weightDecay);
        return what + " at " + TableText.shortest(learningRate) + ", " + decay;
    }
}
