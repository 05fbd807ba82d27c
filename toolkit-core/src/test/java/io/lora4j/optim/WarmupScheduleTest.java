package io.lora4j.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class WarmupScheduleTest {
    @Test
    void linearRisesToThePeakAndFallsToZero() {
        LinearWarmupSchedule schedule = new LinearWarmupSchedule(0.8, 4, 12);
        double[] expected = {0.2, 0.4, 0.6, 0.8, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0, 0};
        for (int step = 0; step < expected.length; step++) {
            assertEquals(expected[step], schedule.valueAt(step, 99), 1e-15, "step " + step);
        }
    }

    @Test
    void cosineFallsAlongHalfACosine() {
        CosineWarmupSchedule schedule = new CosineWarmupSchedule(2, 2, 8);
        assertEquals(1, schedule.valueAt(0, 0));
        assertEquals(2, schedule.valueAt(1, 0));
        assertEquals(2, schedule.valueAt(2, 0));
        assertEquals(1 + Math.sqrt(0.75), schedule.valueAt(3, 0), 1e-15);
        assertEquals(1.5, schedule.valueAt(4, 0), 1e-15);
        assertEquals(1, schedule.valueAt(5, 0), 1e-15);
        assertEquals(0.5, schedule.valueAt(6, 0), 1e-15);
        assertEquals(0, schedule.valueAt(8, 0));
        assertEquals(0, schedule.valueAt(100, 0));
    }

    @Test
    void constantStaysAtThePeakToTheLastStep() {
        ConstantWarmupSchedule schedule = new ConstantWarmupSchedule(0.6, 3, 6);
        double[] expected = {0.2, 0.4, 0.6, 0.6, 0.6, 0.6, 0};
        for (int step = 0; step < expected.length; step++) {
            assertEquals(expected[step], schedule.valueAt(step, 0), 1e-15, "step " + step);
        }
        assertEquals(schedule, schedule.clone());
        assertEquals(9.6, schedule.times(16).valueAt(3, 0), 1e-12);
    }

    @Test
    void noStepOfTheRunHasRateZero() {
        for (WarmupSchedule schedule : new WarmupSchedule[] {
            new LinearWarmupSchedule(1, 7, 50), new CosineWarmupSchedule(1, 7, 50), new ConstantWarmupSchedule(1, 7, 50)
        }) {
            for (int step = 0; step < 50; step++) {
                assertTrue(schedule.valueAt(step, 0) > 0, schedule + " at " + step);
            }
        }
    }

    @Test
    void warmupMayBeNoneOrAll() {
        assertEquals(1, new LinearWarmupSchedule(1, 0, 5).valueAt(0, 0));
        LinearWarmupSchedule all = new LinearWarmupSchedule(1, 5, 5);
        assertEquals(1, all.valueAt(4, 0));
        assertEquals(0, all.valueAt(5, 0));
    }

    @Test
    void timesScalesThePeakOnly() {
        WarmupSchedule schedule = new CosineWarmupSchedule(0.1, 3, 9).times(16);
        assertEquals(1.6, schedule.peak(), 1e-15);
        assertEquals(3, schedule.warmupSteps());
        assertEquals(9, schedule.totalSteps());
        assertEquals(1, schedule.multiplierAt(3));
    }

    @Test
    void badStepsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new LinearWarmupSchedule(1, 6, 5));
        assertThrows(IllegalArgumentException.class, () -> new LinearWarmupSchedule(1, -1, 5));
        assertThrows(IllegalArgumentException.class, () -> new LinearWarmupSchedule(1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new LinearWarmupSchedule(-1, 0, 5));
    }
}
