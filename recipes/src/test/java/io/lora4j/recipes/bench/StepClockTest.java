package io.lora4j.recipes.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StepClockTest {
    private static StepClock<String> clock(int warmup, int steps, double maxSeconds, AtomicInteger taken) {
        StepClock<String> clock = new StepClock<>("batch", warmup, steps, maxSeconds, taken::get);
        clock.forEach(each -> taken.incrementAndGet());
        return clock;
    }

    @Test
    void warmsUpFirst() {
        AtomicInteger taken = new AtomicInteger();
        StepClock<String> clock = clock(4, 6, 1000, taken);
        assertEquals(10, taken.get());
        assertEquals(6, clock.timed().size());
        assertEquals(1, clock.firstLoss());
        assertEquals(10, clock.lastLoss());
    }

    @Test
    void endsWhenTheTimeIsUpButTakesThree() {
        AtomicInteger taken = new AtomicInteger();
        StepClock<String> clock = clock(1, 1_000_000, 1e-12, taken);
        assertEquals(1 + StepClock.LEAST, taken.get());
        assertEquals(StepClock.LEAST, clock.timed().size());
    }
}
