package io.lora4j.optim;

import static io.lora4j.golden.Golden.array;
import static io.lora4j.golden.Golden.distance;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.golden.Golden;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Two steps of AdamW with LoRA+ groups, driven as DL4J's UpdaterBlock drives an updater: flat views of one parameter, one gradient and
 * one state array; regularisation before, updater, regularisation after; then params minus gradient.
 */
@Tag("golden")
class AdamWGoldenTest {
    @Test
    void theFileHasSixCases() {
        assertEquals(6, Golden.cases("lora_plus_adamw.json", c -> true).size());
    }

    @ParameterizedTest
    @CsvSource({"DOUBLE,1e-9", "FLOAT,2e-6"})
    void twoStepsOfEveryCaseAgree(DataType type, double tolerance) {
        JsonNode file = Golden.read("lora_plus_adamw.json");
        for (JsonNode golden : file.get("cases")) {
            GroupedOptimizer optimizer = optimizerOf(golden);
            Map<String, Block> blocks = blocksOf(file.get("params"), type);
            for (int step = 0; step < 2; step++) {
                JsonNode expected = golden.get("expect_after_step" + (step + 1));
                for (Map.Entry<String, Block> entry : blocks.entrySet()) {
                    INDArray gradient = array(file.get("grads").get(step).get(entry.getKey()));
                    entry.getValue().step(optimizer, gradient, step);
                    double worst = distance(
                            array(expected.get(entry.getKey())),
                            entry.getValue().param.castTo(DataType.DOUBLE));
                    assertEquals(0, worst, tolerance, golden.get("name").asText() + " " + entry.getKey());
                }
            }
        }
    }

    @Test
    void groupsAreThoseOfTheFile() {
        JsonNode file = Golden.read("lora_plus_adamw.json");
        LoraPlusGroups groups = new LoraPlusGroups(16);
        for (Map.Entry<String, Block> entry :
                blocksOf(file.get("params"), DataType.DOUBLE).entrySet()) {
            Block block = entry.getValue();
            ParamGroup group = groups.groupOf("layer", block.name, block.vector);
            assertEquals(file.get("groups").get(entry.getKey()).asText(), group.name());
        }
    }

    private static GroupedOptimizer optimizerOf(JsonNode golden) {
        EpsilonMode mode = golden.get("adam").asText().equals("torch") ? EpsilonMode.TORCH : EpsilonMode.ND4J;
        AdamW base = new AdamW(
                golden.get("lr").asDouble(),
                null,
                golden.get("beta1").asDouble(),
                golden.get("beta2").asDouble(),
                golden.get("eps").asDouble(),
                mode);
        return new GroupedOptimizer(
                base,
                golden.get("weight_decay").asDouble(),
                new LoraPlusGroups(golden.get("ratio").asDouble()));
    }

    /** One block per parameter, all over the same three flat arrays, as in BaseMultiLayerUpdater. */
    private static Map<String, Block> blocksOf(JsonNode params, DataType type) {
        long total = 0;
        for (JsonNode node : params) {
            total += array(node).length();
        }
        INDArray flatParams = Nd4j.create(type, total);
        INDArray flatGradient = Nd4j.create(type, total);
        INDArray flatState = Nd4j.create(type, 2 * total).addi(7);
        Map<String, Block> blocks = new LinkedHashMap<>();
        long offset = 0;
        for (Map.Entry<String, JsonNode> entry : params.properties()) {
            INDArray start = array(entry.getValue());
            long end = offset + start.length();
            INDArray param = flatParams.get(NDArrayIndex.interval(offset, end)).reshape('c', start.shape());
            param.assign(start.castTo(type));
            INDArray gradient = flatGradient.get(NDArrayIndex.interval(offset, end));
            INDArray state = flatState.get(NDArrayIndex.interval(2 * offset, 2 * end));
            blocks.put(entry.getKey(), new Block(localName(entry.getKey()), start.rank() == 1, param, gradient, state));
            offset = end;
        }
        return blocks;
    }

    private static String localName(String key) {
        if (key.contains("lora_")) {
            return key.contains("lora_A") ? ParameterGroups.LORA_A : ParameterGroups.LORA_B;
        }
        return key.endsWith("bias") ? "b" : "W";
    }

    private static final class Block {
        private final String name;
        private final boolean vector;
        private final INDArray param;
        private final INDArray gradient;
        private final INDArray state;
        private GradientUpdater<?> updater;

        Block(String name, boolean vector, INDArray param, INDArray gradient, INDArray state) {
            this.name = name;
            this.vector = vector;
            this.param = param;
            this.gradient = gradient;
            this.state = state;
        }

        void step(GroupedOptimizer optimizer, INDArray newGradient, int iteration) {
            ParamSettings settings = optimizer.settingsFor("layer", name, vector);
            if (updater == null) {
                updater = settings.updater().instantiate(state, true);
            }
            gradient.assign(newGradient.reshape(newGradient.length()).castTo(gradient.dataType()));
            double rate = updater.getConfig().getLearningRate(iteration, 0);
            INDArray flatParam = param.reshape(param.length());
            regularize(settings.regularization(), Regularization.ApplyStep.BEFORE_UPDATER, flatParam, rate, iteration);
            updater.applyUpdater(gradient, iteration, 0);
            regularize(settings.regularization(), Regularization.ApplyStep.POST_UPDATER, flatParam, rate, iteration);
            flatParam.subi(gradient);
        }

        private void regularize(
                List<Regularization> all,
                Regularization.ApplyStep when,
                INDArray flatParam,
                double rate,
                int iteration) {
            for (Regularization r : all) {
                if (r.applyStep() == when) {
                    r.apply(flatParam, gradient, rate, iteration, 0);
                }
            }
        }
    }
}
