package io.lora4j.linalg;

/** One-sided Jacobi rotations: makes the columns of Y = X V orthogonal by rotating V. */
final class OneSidedJacobi {
    private static final int MAX_SWEEPS = 40;

    private OneSidedJacobi() {}

    /**
     * Rotates pairs of columns until all are orthogonal to rounding. Each rotation is applied to both arguments, so Y = X V
     * stays true and orthonormal columns of V stay orthonormal. Order and number of rotations depend on nothing but the input.
     *
     * @param y columns [k][m], overwritten
     * @param v columns [k][n], overwritten
     */
    static void orthogonalise(double[][] y, double[][] v) {
        if (y.length == 0) {
            return;
        }
        double tolerance = Math.ulp(1.0) * Math.sqrt(y[0].length);
        for (int sweep = 0; sweep < MAX_SWEEPS; sweep++) {
            boolean rotated = false;
            for (int i = 0; i < y.length; i++) {
                for (int j = i + 1; j < y.length; j++) {
                    rotated |= rotate(y, v, i, j, tolerance);
                }
            }
            if (!rotated) {
                return;
            }
        }
    }

    private static boolean rotate(double[][] y, double[][] v, int i, int j, double tolerance) {
        double aa = OrthonormalColumns.dot(y[i], y[i]);
        double bb = OrthonormalColumns.dot(y[j], y[j]);
        double ab = OrthonormalColumns.dot(y[i], y[j]);
        if (Math.abs(ab) <= tolerance * Math.sqrt(aa * bb)) {
            return false;
        }
        double zeta = (bb - aa) / (2 * ab);
        double tangent = Math.copySign(1.0, zeta) / (Math.abs(zeta) + Math.hypot(1, zeta));
        double cosine = 1 / Math.hypot(1, tangent);
        double sine = cosine * tangent;
        turn(y[i], y[j], cosine, sine);
        turn(v[i], v[j], cosine, sine);
        return true;
    }

    private static void turn(double[] a, double[] b, double cosine, double sine) {
        for (int l = 0; l < a.length; l++) {
            double x = a[l];
            a[l] = cosine * x - sine * b[l];
            b[l] = sine * x + cosine * b[l];
        }
    }
}
