package io.lora4j.parallel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Lets the parts of one pass do something to a shared thing one after the other, in the parts' order, whichever comes there first.
 *
 * <p>A part waits for lower parts only, so the lowest part that fails does so for a reason of its own; it releases those above it. A part that has
 * ended is waited for no longer, whether it did the thing or not. Thread-safe.
 */
final class PartOrder {
    private enum State {
        RUNNING,
        ENDED,
        FAILED
    }

    private final List<Set<Object>> done = new ArrayList<>();
    private final State[] states;

    PartOrder(int most) {
        states = new State[most];
        Arrays.fill(states, State.ENDED);
        for (int part = 0; part < most; part++) {
            done.add(new HashSet<>());
        }
    }

    /** A new pass, of so many parts; nothing is done yet. */
    synchronized void begin(int parts) {
        done.forEach(Set::clear);
        for (int part = 0; part < states.length; part++) {
            states[part] = part < parts ? State.RUNNING : State.ENDED;
        }
    }

    /** The part has come to its end. */
    synchronized void end(int part, boolean well) {
        states[part] = well ? State.ENDED : State.FAILED;
        notifyAll();
    }

    /** Does the work once all lower parts have done theirs of that name. */
    void run(int part, Object name, Runnable work) {
        await(part, name);
        work.run();
        synchronized (this) {
            done.get(part).add(name);
            notifyAll();
        }
    }

    private synchronized void await(int part, Object name) {
        try {
            while (!isTurn(part, name)) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while part " + part + " waited for its turn at " + name, e);
        }
    }

    private boolean isTurn(int part, Object name) {
        boolean turn = true;
        for (int lower = 0; lower < part; lower++) {
            if (states[lower] == State.FAILED) {
                throw new IllegalStateException("part " + lower + " of the batch failed before part " + part);
            }
            turn &= states[lower] == State.ENDED || done.get(lower).contains(name);
        }
        return turn;
    }
}
