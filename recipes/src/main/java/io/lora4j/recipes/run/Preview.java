package io.lora4j.recipes.run;

import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.method.MethodPlan;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a recipe's comparison is going to take, from a few batches through the network: rough in its seconds, exact in its counts. Immutable.
 *
 * @param recipe the recipe
 * @param plan trials, steps and examples
 * @param stepsPerEpoch optimiser steps in an epoch
 * @param trainableParameters by the methods' labels; 0 for methods that take no steps
 * @param secondsPerToken of a forward and a backward pass through the encoder with adapters
 * @param peakBytes highest memory during the batch with the most tokens: ND4J's off-heap plus used heap bytes
 */
public record Preview(
        Recipe recipe,
        RunPlan plan,
        int stepsPerEpoch,
        Map<String, Long> trainableParameters,
        double secondsPerToken,
        long peakBytes) {
    /** A forward pass alone, as a part of both: a third by the count of operations, and the attention's probabilities are not made anew. */
    private static final double FORWARD = 0.3;

    /** Gradients of all weights beside those that are passed on. */
    private static final double FULL = 1.4;

    /** Copies the map, keeping its order. */
    public Preview {
        trainableParameters = Collections.unmodifiableMap(new LinkedHashMap<>(trainableParameters));
    }

    /**
     * Seconds of a trial with adapters.
     *
     * @param steps its optimiser steps
     * @return training and evaluations
     */
    public double secondsPerTrial(long steps) {
        double epochs = (double) steps / stepsPerEpoch;
        double evaluations = recipe.eval().each() == Recipe.Each.END ? 1 : Math.ceil(epochs);
        return secondsPerToken * (epochs * plan.trainTokens() + FORWARD * evaluations * plan.devTokens());
    }

    /**
     * Seconds of one trial of every method that takes steps.
     *
     * @param steps optimiser steps of each
     * @return their sum
     */
    public double secondsOfMethods(long steps) {
        double sum = 0;
        for (Recipe.MethodChoice method : recipe.methods()) {
            MethodPlan kind = method.settings().plan();
            if (kind instanceof MethodPlan.Adapters) {
                sum += secondsPerTrial(steps);
            } else if (kind instanceof MethodPlan.Full) {
                sum += FULL * secondsPerTrial(steps);
            }
        }
        return sum;
    }

    /**
     * Seconds of what the trials of a seed share: the gradient's estimate, and the frozen encoder's outputs.
     *
     * @return their sum
     */
    public double secondsOfStarts() {
        boolean estimated = recipe.methods().stream()
                .anyMatch(method -> method.settings().plan() instanceof MethodPlan.Adapters adapters
                        && adapters.initializer().needsGradient());
        double share = estimated ? Math.min(1.0, (double) recipe.gradient().examples() / plan.trainExamples()) : 0;
        return secondsPerToken * (share * plan.trainTokens() + FORWARD * (plan.trainTokens() + plan.devTokens()));
    }

    /**
     * Seconds of the whole comparison.
     *
     * @return all trials of all seeds, at every rate
     */
    public double seconds() {
        double rates = recipe.methods().stream()
                .mapToInt(method -> method.learningRates().size())
                .average()
                .orElse(1);
        return recipe.train().seeds().size() * (rates * secondsOfMethods(plan.stepsPerTrial()) + secondsOfStarts());
    }
}
