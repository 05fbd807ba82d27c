package io.lora4j.init;

import io.lora4j.linalg.Svd;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Factors made of singular triplets, and what becomes of triplets beyond the rank of the decomposed matrix.
 *
 * <p>The decomposed matrix is [out, in]: u belongs to the output side and B, v to the input side and A. Column i of A is f_i v[:, a_i],
 * row i of B is g_i u[:, b_i]. A triplet with sigma_i / sigma_1 below 1e-6 is dead: its vectors are arbitrary. With {@link
 * Refill#KAIMING} a dead side becomes zero, and a pair with two dead sides gets the plain LoRA start, a Kaiming column of A (drawn pair
 * by pair in ascending order) and a zero row of B; with {@link Refill#NONE} the vectors stay.
 *
 * @param a A, [in, r], float64
 * @param b B, [r, out], float64
 * @param dead pairs with at least one dead side
 * @param restarted pairs that got the plain LoRA start
 */
record SingularPairs(INDArray a, INDArray b, int dead, int restarted) {
    static SingularPairs of(
            InitContext context,
            Svd svd,
            IndexPairs indices,
            IntToDoubleFunction factorOfA,
            IntToDoubleFunction factorOfB,
            Refill refill) {
        int rank = context.rank();
        int alive = svd.countAbove(Factors.DEAD);
        INDArray a = Nd4j.create(DataType.DOUBLE, context.weight().size(0), rank);
        INDArray b = Nd4j.create(DataType.DOUBLE, rank, context.weight().size(1));
        int dead = 0;
        int restarted = 0;
        for (int i = 0; i < rank; i++) {
            int ia = indices.ofA()[i];
            int ib = indices.ofB()[i];
            boolean keepA = ia < alive || refill == Refill.NONE;
            boolean keepB = ib < alive || refill == Refill.NONE;
            if (keepA) {
                a.putColumn(i, svd.v().getColumn(ia).mul(factorOfA.applyAsDouble(i)));
            } else if (!keepB) {
                a.putColumn(i, Nd4j.createFromArray(Factors.kaiming(context.random(), a.rows(), a.rows())));
                restarted++;
            }
            if (keepB) {
                b.putRow(i, svd.u().getColumn(ib).mul(factorOfB.applyAsDouble(i)));
            }
            dead += ia < alive && ib < alive ? 0 : 1;
        }
        return new SingularPairs(a, b, dead, restarted);
    }

    /** What to report about dead pairs of an initialiser whose A and B take the same triplets; null if there are none. */
    @Nullable
    String note(int rank, String matrix, Refill refill) {
        if (dead == 0) {
            return null;
        }
        return dead + " of " + rank + " pairs beyond the " + matrix + "'s rank "
                + (refill == Refill.KAIMING ? "start as plain LoRA" : "left as they are");
    }

    /** What to report about dead pairs where A and B take different triplets; null if there are none. */
    @Nullable
    String noteOfSides(int rank, Refill refill) {
        if (dead == 0) {
            return null;
        }
        String what = dead + " of " + rank + " pairs reach beyond the gradient's rank: ";
        return refill == Refill.NONE
                ? what + "null-space vectors kept"
                : what + restarted + " start as plain LoRA, " + (dead - restarted) + " from one side";
    }
}
