package io.lora4j.optim;

import java.util.List;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * What one parameter gets from the optimiser: the return values of DL4J's {@code getUpdaterByParam} and {@code
 * getRegularizationByParam}.
 *
 * @param group the group it belongs to
 * @param updater its updater; equal for all members of a group
 * @param regularization weight decay or nothing; an unmodifiable list
 */
public record ParamSettings(ParamGroup group, IUpdater updater, List<Regularization> regularization) {
    /** Copies the list. */
    public ParamSettings {
        regularization = List.copyOf(regularization);
    }
}
