package io.lora4j.kernel;

import java.util.Arrays;

/** The formulas of {@link EncoderKernels} as plain loops in float64, written from the papers and without ND4J: the tests' reference. */
final class NaiveEncoder {
    private NaiveEncoder() {}

    /** erf by its Maclaurin series near 0 (Abramowitz and Stegun 7.1.5) and erfc's continued fraction outside (7.1.14). */
    static double erf(double x) {
        double a = Math.abs(x);
        if (a > 6) {
            return Math.signum(x);
        }
        double value;
        if (a < 2.5) {
            double term = a;
            double sum = a;
            for (int n = 1; n < 120; n++) {
                term *= -a * a / n;
                sum += term / (2 * n + 1);
            }
            value = 2 / Math.sqrt(Math.PI) * sum;
        } else {
            double fraction = 0;
            for (int n = 200; n > 0; n--) {
                fraction = n / 2.0 / (a + fraction);
            }
            value = 1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction);
        }
        return Math.copySign(value, x);
    }

    static double gelu(double x) {
        return 0.5 * x * (1 + erf(x / Math.sqrt(2)));
    }

    static double geluDerivative(double x) {
        return 0.5 * (1 + erf(x / Math.sqrt(2))) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    static double[][] layerNorm(double[][] x, double[][] residual, double[] weight, double[] bias, double epsilon) {
        int columns = weight.length;
        double[][] y = new double[x.length][columns];
        for (int i = 0; i < x.length; i++) {
            double mean = 0;
            for (int j = 0; j < columns; j++) {
                mean += (x[i][j] + residual[i][j]) / columns;
            }
            double variance = 0;
            for (int j = 0; j < columns; j++) {
                variance += Math.pow(x[i][j] + residual[i][j] - mean, 2) / columns;
            }
            for (int j = 0; j < columns; j++) {
                y[i][j] = (x[i][j] + residual[i][j] - mean) / Math.sqrt(variance + epsilon) * weight[j] + bias[j];
            }
        }
        return y;
    }

    /** Sum of the rows of each index, by a loop over all pairs of table row and row. */
    static double[][] scatter(double[][] rows, int[] indices, int tableRows) {
        double[][] table = new double[tableRows][rows[0].length];
        for (int v = 0; v < tableRows; v++) {
            for (int i = 0; i < rows.length; i++) {
                for (int j = 0; indices[i] == v && j < rows[i].length; j++) {
                    table[v][j] += rows[i][j];
                }
            }
        }
        return table;
    }

    /**
     * Context rows; {@code mask[b][head][i][j]} multiplies the probabilities.
     *
     * @param queries rows of q per sequence
     * @param lengths rows of k and v per sequence
     */
    static double[][] attention(
            double[][] q, double[][] k, double[][] v, int[] queries, int[] lengths, int heads, double[][][][] mask) {
        int columns = q[0].length;
        int d = columns / heads;
        double[][] out = new double[q.length][columns];
        int first = 0;
        int offset = 0;
        for (int b = 0; b < lengths.length; b++) {
            for (int h = 0; h < heads; h++) {
                for (int i = 0; i < queries[b]; i++) {
                    double[] p = probabilities(q[first + i], k, offset, lengths[b], h * d, d);
                    for (int j = 0; j < lengths[b]; j++) {
                        for (int c = h * d; c < (h + 1) * d; c++) {
                            out[first + i][c] += p[j] * mask[b][h][i][j] * v[offset + j][c];
                        }
                    }
                }
            }
            first += queries[b];
            offset += lengths[b];
        }
        return out;
    }

    /** [2][heads][rows of q]: of every row of scores the greatest, and 1 / the sum of the exponentials of their distance to it. */
    static double[][][] statistics(double[][] q, double[][] k, int[] queries, int[] lengths, int heads) {
        int d = q[0].length / heads;
        double[][][] all = new double[2][heads][q.length];
        int first = 0;
        int offset = 0;
        for (int b = 0; b < lengths.length; b++) {
            for (int h = 0; h < heads; h++) {
                for (int i = first; i < first + queries[b]; i++) {
                    double greatest = Double.NEGATIVE_INFINITY;
                    for (int j = offset; j < offset + lengths[b]; j++) {
                        double score = 0;
                        for (int c = h * d; c < (h + 1) * d; c++) {
                            score += q[i][c] * k[j][c] / Math.sqrt(d);
                        }
                        greatest = Math.max(greatest, score);
                    }
                    all[0][h][i] = greatest;
                    // The greatest probability is exp(0) / sum.
                    all[1][h][i] = Arrays.stream(probabilities(q[i], k, offset, lengths[b], h * d, d))
                            .max()
                            .orElseThrow();
                }
            }
            first += queries[b];
            offset += lengths[b];
        }
        return all;
    }

    private static double[] probabilities(double[] query, double[][] k, int offset, int length, int from, int d) {
        double[] p = new double[length];
        double greatest = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < length; j++) {
            for (int c = from; c < from + d; c++) {
                p[j] += query[c] * k[offset + j][c] / Math.sqrt(d);
            }
            greatest = Math.max(greatest, p[j]);
        }
        double sum = 0;
        for (int j = 0; j < length; j++) {
            p[j] = Math.exp(p[j] - greatest);
            sum += p[j];
        }
        for (int j = 0; j < length; j++) {
            p[j] /= sum;
        }
        return p;
    }
}
