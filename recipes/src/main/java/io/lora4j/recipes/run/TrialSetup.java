package io.lora4j.recipes.run;

import io.lora4j.recipes.method.Preconditioning;
import io.lora4j.recipes.schema.Types;
import io.lora4j.recipes.table.TableText;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a trial trains and how, known before its first step.
 *
 * @param groups which tensors get which rate and weight decay; empty if nothing is trained in steps
 * @param preconditioning what stands between the factors' gradients and the optimiser
 * @param factorPairs pairs of a column of A and a row of B over all adapters; 0 without adapters
 * @param deadPairs pairs for which the decomposed matrix had no direction left
 */
public record TrialSetup(List<TrainedGroup> groups, Preconditioning preconditioning, int factorPairs, int deadPairs) {
    /** Nothing is trained in steps. */
    static final TrialSetup NOTHING = new TrialSetup(List.of(), Preconditioning.NONE, 0, 0);

    /** Copies the list. */
    public TrialSetup {
        groups = List.copyOf(groups);
    }

    /**
     * Scalars that are trained.
     *
     * @return the sum over groups whose rate is not 0
     */
    public long trainableParameters() {
        return groups.stream()
                .filter(group -> group.learningRate() > 0)
                .mapToLong(TrainedGroup::scalars)
                .sum();
    }

    /**
     * Everything in one line.
     *
     * @return groups with peak rate and weight decay, then preconditioner and dead pairs where there are any
     */
    public String describe() {
        String line = groups.stream().map(TrainedGroup::describe).collect(Collectors.joining("; "));
        if (preconditioning.form() != Preconditioning.Form.NONE) {
            line += "; preconditioner " + Types.name(preconditioning.form()) + ", damping "
                    + TableText.shortest(preconditioning.damping());
        }
        return deadPairs == 0 ? line : line + "; " + deadPairs + " of " + factorPairs + " factor pairs dead";
    }
}
