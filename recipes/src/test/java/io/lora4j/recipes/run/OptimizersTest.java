package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lora4j.optim.GroupedOptimizer;
import io.lora4j.optim.LoraPlusGroups;
import io.lora4j.recipes.Recipe;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.learning.config.IUpdater;

class OptimizersTest {
    private static Recipe.TrainChoice train(Recipe.Schedule schedule, Long warmupSteps) {
        return new Recipe.TrainChoice(
                List.of(), 1, 0, 8, 0, 8, 1, schedule, 0.25, warmupSteps, 0.01, 1, null, List.of(1L));
    }

    private static double[] rates(GroupedOptimizer optimizer, String param) {
        IUpdater updater = optimizer.settingsFor("layer", param, false).updater();
        double[] rates = new double[8];
        for (int step = 0; step < 8; step++) {
            rates[step] = updater.getLearningRate(step, 0);
        }
        return rates;
    }

    /** Warm-up over ceil(0.25 x 8) = 2 steps, then as transformers' get_linear_schedule_with_warmup. */
    @Test
    void schedulesCountOptimiserSteps() {
        LoraPlusGroups groups = new LoraPlusGroups(16);
        double[] linear = rates(Optimizers.of(train(Recipe.Schedule.LINEAR, null), 1, 8, groups), "loraA");
        assertEquals(0.5, linear[0], 1e-12);
        assertEquals(1, linear[1], 1e-12);
        assertEquals(1, linear[2], 1e-12);
        assertEquals(1 / 6.0, linear[7], 1e-12);
        double[] cosine = rates(Optimizers.of(train(Recipe.Schedule.COSINE, null), 1, 8, groups), "loraA");
        assertEquals((1 + Math.cos(Math.PI * 3 / 6)) / 2, cosine[5], 1e-12);
        double[] constant = rates(Optimizers.of(train(Recipe.Schedule.CONSTANT, 4L), 1, 8, groups), "loraA");
        assertEquals(0.25, constant[0], 1e-12);
        assertEquals(1, constant[3], 1e-12);
        assertEquals(1, constant[7], 1e-12);
    }

    @Test
    void groupsMultiplyTheRate() {
        for (Recipe.Schedule schedule : Recipe.Schedule.values()) {
            GroupedOptimizer optimizer = Optimizers.of(train(schedule, null), 1e-3, 8, new LoraPlusGroups(16));
            double[] a = rates(optimizer, "loraA");
            double[] b = rates(optimizer, "loraB");
            for (int step = 0; step < 8; step++) {
                assertEquals(16 * a[step], b[step], 1e-15);
            }
        }
    }

    @Test
    void warmupIsRoundedUpAndNeverLongerThanTheTrial() {
        assertEquals(3, train(Recipe.Schedule.LINEAR, null).warmup(9));
        assertEquals(9, train(Recipe.Schedule.LINEAR, 100L).warmup(9));
        assertEquals(0, train(Recipe.Schedule.LINEAR, 0L).warmup(9));
    }
}
