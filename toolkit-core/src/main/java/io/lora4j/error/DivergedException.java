package io.lora4j.error;

/** Training met a NaN or an infinity. The command line maps it to exit code 3. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String layer;
    private final long step;

    /**
     * @param layer name of the layer (graph vertex) in which the first non-finite value was seen
     * @param step optimiser step, counted from 1; 0 for what was wrong before the first
     * @param what the quantity and its value
     */
    public DivergedException(String layer, long step, String what) {
        super("training diverged at step " + step + " in layer " + layer + ": " + what);
        this.layer = layer;
        this.step = step;
    }

    /**
     * The layer in which the first non-finite value was seen.
     *
     * @return the graph vertex's name
     */
    public String layer() {
        return layer;
    }

    /**
     * The optimiser step at which it happened.
     *
     * @return the step, counted from 1
     */
    public long step() {
        return step;
    }
}
