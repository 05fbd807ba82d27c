package io.lora4j.recipes.bench;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.DoubleSupplier;

/**
 * Hands one item out again and again and times what is done between: warm-up steps, then timed ones until there are enough or the time is up.
 *
 * @param <T> the item
 */
final class StepClock<T> implements Iterable<T> {
    /** Timed steps that are taken however long they last. */
    static final int LEAST = 3;

    private final T item;
    private final int warmup;
    private final int steps;
    private final double maxSeconds;
    private final DoubleSupplier loss;
    private final List<Double> seconds = new ArrayList<>();
    private final List<Double> losses = new ArrayList<>();
    private MachineLoad load = new MachineLoad();

    /**
     * @param item what every step gets
     * @param loss the loss of the step that was just taken
     */
    StepClock(T item, int warmup, int steps, double maxSeconds, DoubleSupplier loss) {
        this.item = item;
        this.warmup = warmup;
        this.steps = steps;
        this.maxSeconds = maxSeconds;
        this.loss = loss;
    }

    /** Seconds of every step, warm-up first. */
    private double total(int from, int to) {
        return seconds.subList(from, to).stream().mapToDouble(each -> each).sum();
    }

    /** Seconds of the timed steps. */
    List<Double> timed() {
        return List.copyOf(seconds.subList(warmup, seconds.size()));
    }

    double warmupSeconds() {
        return total(0, warmup);
    }

    double firstLoss() {
        return losses.get(0);
    }

    double lastLoss() {
        return losses.get(losses.size() - 1);
    }

    /** What has happened on the machine since the first timed step began. */
    MachineLoad load() {
        return load;
    }

    private boolean done() {
        int taken = seconds.size() - warmup;
        return taken >= steps || (taken >= LEAST && total(warmup, seconds.size()) >= maxSeconds);
    }

    @Override
    public Iterator<T> iterator() {
        return new Iterator<>() {
            private long begun;
            private boolean running;

            @Override
            public boolean hasNext() {
                if (running) {
                    seconds.add((System.nanoTime() - begun) * 1e-9);
                    losses.add(loss.getAsDouble());
                    running = false;
                }
                return !done();
            }

            @Override
            public T next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                if (seconds.size() == warmup) {
                    load = new MachineLoad();
                }
                running = true;
                begun = System.nanoTime();
                return item;
            }
        };
    }
}
