package io.lora4j.recipes.bench;

/**
 * The multiply-adds, times 2, of the matrix products that a step needs, on the padded batch: whoever computes padding gets no credit for it,
 * whoever skips it does. Not counted: softmax, layer normalisation, GELU, the optimiser, and what is computed twice.
 */
final class StepFlops {
    private final BenchConfig config;
    private final double tokens;

    StepFlops(BenchConfig config) {
        this.config = config;
        this.tokens = (double) config.batch() * config.seq();
    }

    double perStep() {
        double forward = model().layers * (linears() + attention() + lowRank()) + head();
        if (config.mode() == BenchMode.INFER) {
            return forward;
        }
        return forward + inputGradients() + attentionBackward() + weightGradients();
    }

    private BenchModel model() {
        return config.model();
    }

    /** One square product of the attention block. */
    private double square() {
        return 2 * tokens * model().hidden * model().hidden;
    }

    /** The linear maps of one layer. */
    private double linears() {
        return 4 * square() + 2 * (2 * tokens * model().hidden * model().inner);
    }

    /** Scores and context of one layer. */
    private double attention() {
        return 2 * (2 * tokens * config.seq() * model().hidden);
    }

    /** The pooler. */
    private double head() {
        return 2.0 * config.batch() * model().hidden * model().hidden;
    }

    /** x A and its product with B, over the adapters of one layer; each costs as much again for either of its gradients. */
    private double lowRank() {
        double perColumn = 2 * tokens * config.rank();
        double h = model().hidden;
        double f = model().inner;
        return config.mode() == BenchMode.LORA
                ? perColumn * (adaptsAll() ? 4 * (h + h) + 2 * (h + f) : 2 * (h + h))
                : 0;
    }

    private boolean adaptsAll() {
        return config.targets() == BenchTargets.ALL;
    }

    /** The embeddings' output needs a gradient only if they are trained. */
    private double inputGradients() {
        double unneeded = config.mode() == BenchMode.FULL ? 0 : 3 * square();
        return model().layers * linears() + head() - unneeded;
    }

    private double attentionBackward() {
        boolean keyOfFirstLayer = config.mode() != BenchMode.LORA || adaptsAll();
        return 2 * model().layers * attention() - (keyOfFirstLayer ? 0 : attention() / 2);
    }

    private double weightGradients() {
        if (config.mode() == BenchMode.LORA) {
            int ofFirstLayer = adaptsAll() ? 3 : 2;
            double unneeded = ofFirstLayer * 2 * tokens * config.rank() * model().hidden;
            return 2 * model().layers * lowRank() - unneeded;
        }
        return model().layers * linears() + (config.mode() == BenchMode.FULL ? head() : 0);
    }
}
