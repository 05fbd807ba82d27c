package io.lora4j.init;

import io.lora4j.error.UserException;
import io.lora4j.linalg.LeadingQr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Orthogonal start (PEFT {@code init_lora_weights="orthogonal"}, {@code lora/layer.py}, {@code orthogonal_init}): neither factor is zero,
 * yet A B is, because their rank directions are orthogonal. The frozen weight is left alone and the network's output is unchanged.
 *
 * <p>With Q [r, r] the orthogonal factor of a Gaussian matrix, Q_1 its rows 1, 3, ..., Q_2 its rows 2, 4, ..., and Gaussian N_A [in, r/2],
 * N_B [r/2, out]:
 *
 * <pre>  A = N_A Q_1 / 10,   B = Q_2^T N_B / 10,   A B = N_A (Q_1 Q_2^T) N_B / 100 = 0</pre>
 *
 * Drawn from the context's stream row by row: the matrix behind Q, then N_A, then N_B, in float64. After rounding to float32, A B is zero
 * up to about 1e-7 times the size of its terms. The rank must be even.
 */
public final class OrthogonalInit implements AdapterInitializer {
    /** The name reports print. */
    public static final String NAME = "orthogonal";

    /** An initialiser without settings. */
    public OrthogonalInit() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean needsGradient() {
        return false;
    }

    /**
     * {@inheritDoc}
     *
     * @throws UserException if the rank is odd
     */
    @Override
    public InitialAdapter initialize(InitContext context) {
        Factors.check(context);
        int rank = context.rank();
        if (rank % 2 != 0) {
            throw new UserException("initialiser " + NAME + " gives half of the rank to A and half to B: rank " + rank
                    + " of layer " + context.layer() + " is odd; choose " + (rank + 1) + " or another even rank");
        }
        INDArray q = LeadingQr.of(Factors.gaussian(context.random(), rank, rank, 1), rank)
                .q();
        int half = rank / 2;
        INDArray odd = everyOtherRow(q, 0);
        INDArray even = everyOtherRow(q, 1);
        INDArray forA = Factors.gaussian(context.random(), context.weight().rows(), half, 0.1);
        INDArray forB =
                Factors.gaussian(context.random(), half, context.weight().columns(), 0.1);
        DataType type = context.weight().dataType();
        INDArray a = forA.mmul(odd).castTo(type);
        INDArray b = even.transpose().mmul(forB).castTo(type);
        return new InitialAdapter(
                a, b, null, Factors.plainReport(context, NAME, Factors.relativeUpdate(context, a, b)));
    }

    /** Row by row: ND4J's strided interval refuses a matrix of two rows. */
    private static INDArray everyOtherRow(INDArray matrix, int first) {
        INDArray rows = Nd4j.create(matrix.dataType(), matrix.rows() / 2, matrix.columns());
        for (int i = 0; i < rows.rows(); i++) {
            rows.putRow(i, matrix.getRow(first + 2L * i));
        }
        return rows;
    }
}
