package io.lora4j.adapter;

/**
 * How the adapter's product A B is scaled before it is added to the frozen weight.
 *
 * <p>Sources: {@link #STANDARD} Hu et al., LoRA, arXiv 2106.09685, section 4.1; {@link #RSLORA} Kalajdzievski, rsLoRA, arXiv
 * 2312.03732.
 */
public enum Scaling {
    /** s = alpha / r. */
    STANDARD {
        @Override
        public double factor(double alpha, int rank) {
            return alpha / rank;
        }
    },
    /** s = alpha / sqrt(r), which keeps the update's size at high ranks. */
    RSLORA {
        @Override
        public double factor(double alpha, int rank) {
            return alpha / Math.sqrt(rank);
        }
    };

    /**
     * The scaling factor s.
     *
     * @param alpha the numerator, dimensionless
     * @param rank the adapter's rank r, at least 1
     * @return s
     */
    public abstract double factor(double alpha, int rank);
}
