package io.lora4j.adapter;

/**
 * What an adapted layer computes with, given the frozen W [in, out] and the adapter's V = W + s A B.
 *
 * <p>Sources: {@link #PLAIN} Hu et al., LoRA, arXiv 2106.09685, equation 3; {@link #DORA} Liu et al., DoRA, arXiv 2402.09353, equation 5,
 * as in huggingface/peft {@code tuners/lora/dora.py}.
 */
public enum WeightForm {
    /** V itself. */
    PLAIN,
    /**
     * V with its columns normalised and given a trained magnitude: column j is m_j V_j / |V_j|, with m [out] a third trainable parameter
     * that starts as the norms of V's columns, so that the start is the plain form's. In the backward pass the norms are constants
     * (section 4.3 of the paper).
     */
    DORA
}
