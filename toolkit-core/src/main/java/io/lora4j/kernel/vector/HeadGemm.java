package io.lora4j.kernel.vector;

import jdk.incubator.vector.FloatVector;

/**
 * C := C + A B for matrices of a head's size inside larger Java arrays. Element (i, k) of A is a[at + i row + k step], so A may be a
 * transpose; B and C are row-major with a row's distance of their own. n is a multiple of a vector's floats. Rows of C are computed by fours: up to
 * three behind the m-th are overwritten with something, for which the arrays must have room.
 */
final class HeadGemm {
    private static final int ROWS = 4;

    private final float[] a;
    private final int at;
    private final int row;
    private final int step;

    /**
     * @param a values of A
     * @param at place of its first element
     * @param row distance between rows
     * @param step distance between columns
     */
    HeadGemm(float[] a, int at, int row, int step) {
        this.a = a;
        this.at = at;
        this.row = row;
        this.step = step;
    }

    /** Rows of C that are written for m. */
    static int rows(int m) {
        return (m + ROWS - 1) / ROWS * ROWS;
    }

    void add(float[] b, int bAt, int ldb, float[] c, int cAt, int ldc, int m, int n, int p) {
        for (int i = 0; i < m; i += ROWS) {
            int from = at + i * row;
            int to = cAt + i * ldc;
            int column = 0;
            for (; column + 2 * Lanes.COUNT <= n; column += 2 * Lanes.COUNT) {
                fourByTwo(a, from, row, step, b, bAt + column, ldb, c, to + column, ldc, p);
            }
            if (column < n) {
                fourByOne(a, from, row, step, b, bAt + column, ldb, c, to + column, ldc, p);
            }
        }
    }

    private static void fourByTwo(
            float[] a, int from, int row, int step, float[] b, int bAt, int ldb, float[] c, int to, int ldc, int p) {
        FloatVector c00 = FloatVector.fromArray(Lanes.SPECIES, c, to);
        FloatVector c01 = FloatVector.fromArray(Lanes.SPECIES, c, to + Lanes.COUNT);
        FloatVector c10 = FloatVector.fromArray(Lanes.SPECIES, c, to + ldc);
        FloatVector c11 = FloatVector.fromArray(Lanes.SPECIES, c, to + ldc + Lanes.COUNT);
        FloatVector c20 = FloatVector.fromArray(Lanes.SPECIES, c, to + 2 * ldc);
        FloatVector c21 = FloatVector.fromArray(Lanes.SPECIES, c, to + 2 * ldc + Lanes.COUNT);
        FloatVector c30 = FloatVector.fromArray(Lanes.SPECIES, c, to + 3 * ldc);
        FloatVector c31 = FloatVector.fromArray(Lanes.SPECIES, c, to + 3 * ldc + Lanes.COUNT);
        int k = from;
        int at = bAt;
        for (int i = 0; i < p; i++, k += step, at += ldb) {
            FloatVector b0 = FloatVector.fromArray(Lanes.SPECIES, b, at);
            FloatVector b1 = FloatVector.fromArray(Lanes.SPECIES, b, at + Lanes.COUNT);
            FloatVector a0 = FloatVector.broadcast(Lanes.SPECIES, a[k]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(Lanes.SPECIES, a[k + row]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(Lanes.SPECIES, a[k + 2 * row]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(Lanes.SPECIES, a[k + 3 * row]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
        }
        c00.intoArray(c, to);
        c01.intoArray(c, to + Lanes.COUNT);
        c10.intoArray(c, to + ldc);
        c11.intoArray(c, to + ldc + Lanes.COUNT);
        c20.intoArray(c, to + 2 * ldc);
        c21.intoArray(c, to + 2 * ldc + Lanes.COUNT);
        c30.intoArray(c, to + 3 * ldc);
        c31.intoArray(c, to + 3 * ldc + Lanes.COUNT);
    }

    private static void fourByOne(
            float[] a, int from, int row, int step, float[] b, int bAt, int ldb, float[] c, int to, int ldc, int p) {
        FloatVector c0 = FloatVector.fromArray(Lanes.SPECIES, c, to);
        FloatVector c1 = FloatVector.fromArray(Lanes.SPECIES, c, to + ldc);
        FloatVector c2 = FloatVector.fromArray(Lanes.SPECIES, c, to + 2 * ldc);
        FloatVector c3 = FloatVector.fromArray(Lanes.SPECIES, c, to + 3 * ldc);
        int k = from;
        int at = bAt;
        for (int i = 0; i < p; i++, k += step, at += ldb) {
            FloatVector b0 = FloatVector.fromArray(Lanes.SPECIES, b, at);
            c0 = FloatVector.broadcast(Lanes.SPECIES, a[k]).fma(b0, c0);
            c1 = FloatVector.broadcast(Lanes.SPECIES, a[k + row]).fma(b0, c1);
            c2 = FloatVector.broadcast(Lanes.SPECIES, a[k + 2 * row]).fma(b0, c2);
            c3 = FloatVector.broadcast(Lanes.SPECIES, a[k + 3 * row]).fma(b0, c3);
        }
        c0.intoArray(c, to);
        c1.intoArray(c, to + ldc);
        c2.intoArray(c, to + 2 * ldc);
        c3.intoArray(c, to + 3 * ldc);
    }
}
