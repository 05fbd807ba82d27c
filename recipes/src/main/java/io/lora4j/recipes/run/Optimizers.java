package io.lora4j.recipes.run;

import io.lora4j.optim.AdamW;
import io.lora4j.optim.ConstantWarmupSchedule;
import io.lora4j.optim.CosineWarmupSchedule;
import io.lora4j.optim.GroupedOptimizer;
import io.lora4j.optim.LinearWarmupSchedule;
import io.lora4j.optim.ParameterGroups;
import io.lora4j.recipes.Recipe;
import java.util.function.Function;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;

/** The optimiser a recipe asks for: AdamW in torch's form with a schedule, a decay and a method's groups. */
final class Optimizers {
    private Optimizers() {}

    static GroupedOptimizer of(Recipe.TrainChoice train, double rate, long totalSteps, ParameterGroups groups) {
        return of(train, rate, totalSteps, groups, AdamW::new);
    }

    /** As above, with an optimiser of the method's own. */
    static GroupedOptimizer of(
            Recipe.TrainChoice train,
            double rate,
            long totalSteps,
            ParameterGroups groups,
            Function<ISchedule, IUpdater> updater) {
        int total = Math.toIntExact(totalSteps);
        int warmup = Math.toIntExact(train.warmup(totalSteps));
        ISchedule schedule =
                switch (train.schedule()) {
                    case LINEAR -> new LinearWarmupSchedule(rate, warmup, total);
                    case COSINE -> new CosineWarmupSchedule(rate, warmup, total);
                    case CONSTANT -> new ConstantWarmupSchedule(rate, warmup, total);
                };
        return new GroupedOptimizer(updater.apply(schedule), train.weightDecay(), groups);
    }
}
