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
     */
    static void forward(float[] s, int keys, int width) {
        for (int query = 0; query < width; query += Lanes.COUNT) {
            FloatVector greatest = greatest(s, keys, width, query);
            FloatVector sum = exponentials(s, keys, width, query, greatest);
            scale(
                    s,
                    keys,
                    width,
                    query,
                    FloatVector.broadcast(Lanes.SPECIES, 1f).div(sum));
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
