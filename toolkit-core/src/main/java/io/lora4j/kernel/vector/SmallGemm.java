package io.lora4j.kernel.vector;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * C := A B for matrices of a head's size in Java arrays: A [m, p], B [p, n], C [m, n], row-major, n a multiple of a vector's floats.
 *
 * <p>Four rows of C and two vectors of columns are summed at once: six loads for eight multiply-adds.
 */
final class SmallGemm {
    private SmallGemm() {}

    static void multiply(float[] a, int lda, float[] b, float[] c, int m, int n, int p) {
        Arrays.fill(c, 0, m * n, 0f);
        add(a, lda, b, c, m, n, p);
    }

    /** C := C + A B. */
    static void add(float[] a, int lda, float[] b, float[] c, int m, int n, int p) {
        int rows = m - m % 4;
        for (int row = 0; row < rows; row += 4) {
            int column = 0;
            for (; column + 2 * Lanes.COUNT <= n; column += 2 * Lanes.COUNT) {
                fourByTwo(a, row * lda, lda, b, column, c, row * n + column, n, p);
            }
            if (column < n) {
                fourByOne(a, row * lda, lda, b, column, c, row * n + column, n, p);
            }
        }
        for (int row = rows; row < m; row++) {
            for (int column = 0; column < n; column += Lanes.COUNT) {
                oneByOne(a, row * lda, b, column, c, row * n + column, n, p);
            }
        }
    }

    private static void fourByTwo(
            float[] a, int from, int lda, float[] b, int column, float[] c, int to, int n, int p) {
        FloatVector c00 = FloatVector.fromArray(Lanes.SPECIES, c, to);
        FloatVector c01 = FloatVector.fromArray(Lanes.SPECIES, c, to + Lanes.COUNT);
        FloatVector c10 = FloatVector.fromArray(Lanes.SPECIES, c, to + n);
        FloatVector c11 = FloatVector.fromArray(Lanes.SPECIES, c, to + n + Lanes.COUNT);
        FloatVector c20 = FloatVector.fromArray(Lanes.SPECIES, c, to + 2 * n);
        FloatVector c21 = FloatVector.fromArray(Lanes.SPECIES, c, to + 2 * n + Lanes.COUNT);
        FloatVector c30 = FloatVector.fromArray(Lanes.SPECIES, c, to + 3 * n);
        FloatVector c31 = FloatVector.fromArray(Lanes.SPECIES, c, to + 3 * n + Lanes.COUNT);
        int at = column;
        for (int k = from; k < from + p; k++, at += n) {
            FloatVector b0 = FloatVector.fromArray(Lanes.SPECIES, b, at);
            FloatVector b1 = FloatVector.fromArray(Lanes.SPECIES, b, at + Lanes.COUNT);
            FloatVector a0 = FloatVector.broadcast(Lanes.SPECIES, a[k]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(Lanes.SPECIES, a[k + lda]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(Lanes.SPECIES, a[k + 2 * lda]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(Lanes.SPECIES, a[k + 3 * lda]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
        }
        c00.intoArray(c, to);
        c01.intoArray(c, to + Lanes.COUNT);
        c10.intoArray(c, to + n);
        c11.intoArray(c, to + n + Lanes.COUNT);
        c20.intoArray(c, to + 2 * n);
        c21.intoArray(c, to + 2 * n + Lanes.COUNT);
        c30.intoArray(c, to + 3 * n);
        c31.intoArray(c, to + 3 * n + Lanes.COUNT);
    }

    private static void fourByOne(
            float[] a, int from, int lda, float[] b, int column, float[] c, int to, int n, int p) {
        FloatVector c0 = FloatVector.fromArray(Lanes.SPECIES, c, to);
        FloatVector c1 = FloatVector.fromArray(Lanes.SPECIES, c, to + n);
        FloatVector c2 = FloatVector.fromArray(Lanes.SPECIES, c, to + 2 * n);
        FloatVector c3 = FloatVector.fromArray(Lanes.SPECIES, c, to + 3 * n);
        int at = column;
        for (int k = from; k < from + p; k++, at += n) {
            FloatVector b0 = FloatVector.fromArray(Lanes.SPECIES, b, at);
            c0 = FloatVector.broadcast(Lanes.SPECIES, a[k]).fma(b0, c0);
            c1 = FloatVector.broadcast(Lanes.SPECIES, a[k + lda]).fma(b0, c1);
            c2 = FloatVector.broadcast(Lanes.SPECIES, a[k + 2 * lda]).fma(b0, c2);
            c3 = FloatVector.broadcast(Lanes.SPECIES, a[k + 3 * lda]).fma(b0, c3);
        }
        c0.intoArray(c, to);
        c1.intoArray(c, to + n);
        c2.intoArray(c, to + 2 * n);
        c3.intoArray(c, to + 3 * n);
    }

    private static void oneByOne(float[] a, int from, float[] b, int column, float[] c, int to, int n, int p) {
        FloatVector sum = FloatVector.fromArray(Lanes.SPECIES, c, to);
        int at = column;
        for (int k = from; k < from + p; k++, at += n) {
            sum = FloatVector.broadcast(Lanes.SPECIES, a[k]).fma(FloatVector.fromArray(Lanes.SPECIES, b, at), sum);
        }
        sum.intoArray(c, to);
    }
}
