package io.lora4j.kernel.vector;

import jdk.incubator.vector.FloatVector;

/**
 * Softmax of one head's scores, forward and backward, on the transposed matrix S^T [keys, queries]: a lane is a query, so sums over keys go
 * from row to row, without sums over lanes and without masks.
 */
final class HeadSoftmax {
    private HeadSoftmax() {}

    /**
     * S^T := P^T.
     *
     * @param s [keys, width], padded queries are computed and never looked at
     * @param greatest receives every query's greatest score, [width]
     * @param inverse receives 1 / the sum of its exponentials, [width]
     */
    static void forward(float[] s, int keys, int width, float[] greatest, float[] inverse) {
        for (int query = 0; query < width; query += Lanes.COUNT) {
            FloatVector most = greatest(s, keys, width, query);
            FloatVector by = FloatVector.broadcast(Lanes.SPECIES, 1f).div(exponentials(s, keys, width, query, most));
            scale(s, keys, width, query, by);
            most.intoArray(greatest, query);
            by.intoArray(inverse, query);
        }
    }

    /**
     * S^T := P^T to the last bit as {@link #forward} has computed it.
     *
     * @param s the same scores
     * @param greatest what {@link #forward} has written
     * @param inverse likewise
     */
    static void again(float[] s, int keys, int width, float[] greatest, float[] inverse) {
        for (int query = 0; query < width; query += Lanes.COUNT) {
            FloatVector most = FloatVector.fromArray(Lanes.SPECIES, greatest, query);
            FloatVector by = FloatVector.fromArray(Lanes.SPECIES, inverse, query);
            for (int key = 0; key < keys; key++) {
                int at = key * width + query;
                Lanes.exp(FloatVector.fromArray(Lanes.SPECIES, s, at).sub(most))
                        .mul(by)
                        .intoArray(s, at);
            }
        }
    }

    private static FloatVector greatest(float[] s, int keys, int width, int query) {
        FloatVector greatest = FloatVector.fromArray(Lanes.SPECIES, s, query);
        for (int key = 1; key < keys; key++) {
            greatest = greatest.max(FloatVector.fromArray(Lanes.SPECIES, s, key * width + query));
        }
        return greatest;
    }

    private static FloatVector exponentials(float[] s, int keys, int width, int query, FloatVector greatest) {
        FloatVector sum = FloatVector.zero(Lanes.SPECIES);
        for (int key = 0; key < keys; key++) {
            int at = key * width + query;
            FloatVector e =
                    Lanes.exp(FloatVector.fromArray(Lanes.SPECIES, s, at).sub(greatest));
            e.intoArray(s, at);
            sum = sum.add(e);
        }
        return sum;
    }

    private static void scale(float[] s, int keys, int width, int query, FloatVector by) {
        for (int key = 0; key < keys; key++) {
            int at = key * width + query;
            FloatVector.fromArray(Lanes.SPECIES, s, at).mul(by).intoArray(s, at);
        }
    }

    /**
     * D^T := scale P^T (D^T - sum over keys of D^T P^T).
     *
     * @param p P^T, [keys, width]
     * @param d D^T, [keys, width]
     */
    static void backward(float[] p, float[] d, int keys, int width, float scale) {
        for (int query = 0; query < width; query += Lanes.COUNT) {
            FloatVector sum = FloatVector.zero(Lanes.SPECIES);
            for (int key = 0; key < keys; key++) {
                int at = key * width + query;
                sum = FloatVector.fromArray(Lanes.SPECIES, p, at).fma(FloatVector.fromArray(Lanes.SPECIES, d, at), sum);
            }
            for (int key = 0; key < keys; key++) {
                int at = key * width + query;
                FloatVector.fromArray(Lanes.SPECIES, d, at)
                        .sub(sum)
                        .mul(scale)
                        .mul(FloatVector.fromArray(Lanes.SPECIES, p, at))
                        .intoArray(d, at);
            }
        }
    }
}
