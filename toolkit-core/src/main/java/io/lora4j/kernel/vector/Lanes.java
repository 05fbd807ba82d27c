package io.lora4j.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The machine's vectors of floats, and functions of them. */
final class Lanes {
    /** The widest vectors of this machine. */
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /** Floats in a vector. */
    static final int COUNT = SPECIES.length();

    /** 1.5 2^23: adding it rounds to a whole number, which then stands in the low bits. */
    private static final float ROUND = 12_582_912f;

    private static final float LOG2_E = 1.442_695_04f;
    /** ln 2 in two parts, so that n ln 2 loses no digits (Cephes, expf.c). */
    private static final float LN_2_HIGH = 0.693_359_375f;

    private static final float LN_2_LOW = -2.121_944_4e-4f;
    private static final float LEAST = -87.3f;
    private static final float GREATEST = 88.3f;
    private static final int EXPONENT_SHIFT = 23;

    private Lanes() {}

    /** The next multiple of a vector's floats. */
    static int padded(int count) {
        return (count + COUNT - 1) / COUNT * COUNT;
    }

    /**
     * e^x to about 1e-7 of its value for x in [-87.3, 88.3], to which x is clamped: x = n ln 2 + r, e^x = 2^n e^r with a polynomial of degree 6
     * for e^r (Moshier, Cephes, single/expf.c).
     */
    static FloatVector exp(FloatVector x) {
        FloatVector clamped = x.max(LEAST).min(GREATEST);
        FloatVector shifted =
                clamped.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, ROUND));
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -LN_2_HIGH), clamped);
        r = n.fma(FloatVector.broadcast(SPECIES, -LN_2_LOW), r);
        FloatVector p = FloatVector.broadcast(SPECIES, 1.987_569_15e-4f);
        p = p.fma(r, FloatVector.broadcast(SPECIES, 1.398_199_950_7e-3f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 8.333_451_907_3e-3f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 4.166_579_589_4e-2f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 1.666_666_545_9e-1f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 5.000_000_120_1e-1f));
        p = p.fma(r.mul(r), r.add(1f));
        IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, EXPONENT_SHIFT);
        return p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    }
}
