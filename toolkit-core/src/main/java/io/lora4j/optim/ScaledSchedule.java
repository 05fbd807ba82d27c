package io.lora4j.optim;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonAutoDetect;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Any DL4J schedule times a constant: the schedule of a parameter group. Immutable as long as the inner schedule is. */
@JsonAutoDetect(
        fieldVisibility = JsonAutoDetect.Visibility.ANY,
        getterVisibility = JsonAutoDetect.Visibility.NONE,
        isGetterVisibility = JsonAutoDetect.Visibility.NONE)
public final class ScaledSchedule implements ISchedule {
    private static final long serialVersionUID = 1L;

    private final ISchedule schedule;
    private final double multiplier;

    /**
     * @param schedule the inner schedule
     * @param multiplier at least 0
     * @throws IllegalArgumentException if the multiplier is negative or not finite
     */
    public ScaledSchedule(@JsonProperty("schedule") ISchedule schedule, @JsonProperty("multiplier") double multiplier) {
        if (!(multiplier >= 0 && multiplier < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("multiplier must be at least 0: " + multiplier);
        }
        this.schedule = Objects.requireNonNull(schedule, "schedule");
        this.multiplier = multiplier;
    }

    /**
     * A multiple of a schedule, without a wrapper where none is needed.
     *
     * @param schedule any schedule
     * @param multiplier at least 0
     * @return the schedule itself for 1, a schedule of its own class for a {@link WarmupSchedule}, else a wrapper
     */
    public static ISchedule of(ISchedule schedule, double multiplier) {
        if (multiplier == 1) {
            return schedule;
        }
        return schedule instanceof WarmupSchedule warmup
                ? warmup.times(multiplier)
                : new ScaledSchedule(schedule, multiplier);
    }

    @Override
    public double valueAt(int iteration, int epoch) {
        return multiplier * schedule.valueAt(iteration, epoch);
    }

    @Override
    public ScaledSchedule clone() {
        return new ScaledSchedule(schedule.clone(), multiplier);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ScaledSchedule that
                && schedule.equals(that.schedule)
                && Double.compare(multiplier, that.multiplier) == 0;
    }

    @Override
    public int hashCode() {
        return Objects.hash(schedule, multiplier);
    }

    @Override
    public String toString() {
        return multiplier + " * " + schedule;
    }
}
