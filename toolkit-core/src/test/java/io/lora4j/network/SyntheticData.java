package io.lora4j.network;

import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Made-up tasks of eight classes, the first four for a base network and the last four to adapt it to. */
public final class SyntheticData {
    /** Classes per half. */
    public static final int CLASSES = 4;

    private static final int SIZE = 12;
    private static final int FEATURES = 10;
    private static final int MODES = 6;

    private SyntheticData() {}

    /**
     * Gratings of random phase under noise; a class is an orientation and a frequency.
     *
     * @param newHalf false for the base's classes, true for the others
     * @param examples how many
     * @param seed of phases and noise
     * @return images [N, 1, 12, 12] and labels [N, 4]
     */
    public static DataSet images(boolean newHalf, int examples, long seed) {
        Random random = new Random(seed);
        float[] pixels = new float[examples * SIZE * SIZE];
        int[] classes = new int[examples];
        for (int i = 0; i < examples; i++) {
            classes[i] = i % CLASSES;
            double angle = Math.PI * (newHalf ? 0.125 + 0.25 * classes[i] : 0.5 * (classes[i] % 2));
            double frequency = newHalf ? 1.9 : (classes[i] < 2 ? 1.0 : 1.6);
            double phase = 2 * Math.PI * random.nextDouble();
            for (int y = 0; y < SIZE; y++) {
                for (int x = 0; x < SIZE; x++) {
                    double wave = Math.sin(frequency * (x * Math.cos(angle) + y * Math.sin(angle)) + phase);
                    pixels[(i * SIZE + y) * SIZE + x] = (float) (wave + 1.6 * random.nextGaussian());
                }
            }
        }
        return new DataSet(
                Nd4j.create(pixels, new long[] {examples, 1, SIZE, SIZE}, 'c').castTo(DataType.FLOAT), labels(classes));
    }

    /**
     * Rows around six centres per class, which lie among those of other classes.
     *
     * @param newHalf false for the base's classes, true for the others
     * @param examples how many
     * @param seed of the rows; the centres are always the same
     * @return rows [N, 10] and labels [N, 4]
     */
    public static DataSet table(boolean newHalf, int examples, long seed) {
        Random random = new Random(seed);
        Random centres = new Random(newHalf ? 77 : 7);
        double[][][] centre = new double[CLASSES][MODES][FEATURES];
        for (double[][] ofClass : centre) {
            for (double[] mode : ofClass) {
                for (int f = 0; f < FEATURES; f++) {
                    mode[f] = centres.nextGaussian();
                }
            }
        }
        float[] values = new float[examples * FEATURES];
        int[] classes = new int[examples];
        for (int i = 0; i < examples; i++) {
            classes[i] = i % CLASSES;
            double[] mode = centre[classes[i]][random.nextInt(MODES)];
            for (int f = 0; f < FEATURES; f++) {
                values[i * FEATURES + f] = (float) (mode[f] + 0.55 * random.nextGaussian());
            }
        }
        return new DataSet(Nd4j.create(values, new long[] {examples, FEATURES}, 'c'), labels(classes));
    }

    private static INDArray labels(int[] classes) {
        INDArray labels = Nd4j.zeros(DataType.FLOAT, classes.length, CLASSES);
        for (int i = 0; i < classes.length; i++) {
            labels.putScalar(i, classes[i], 1);
        }
        return labels;
    }
}
