package io.lora4j.recipes.predictions;

import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Predictions as a file of tab-separated values, UTF-8, lines ended by LF:
 *
 * <pre>
 * # lora4j predictions 1 examples=408 classes=2 labels_sha256=9f86d0...
 * index  label  prediction  probability_0  probability_1
 * 0      1      1           0.08           0.92
 * </pre>
 *
 * Index is the example's place in the dev file, from 0. Probabilities are float32 in the fewest digits that read back as the same number. A
 * regression has {@code classes=0}, values as label and (float32) prediction, and no probabilities. The checksum is {@link Predictions#labelsSha256}.
 */
public final class PredictionsFile {
    /** The file's name in a trial's folder. */
    public static final String NAME = "predictions.tsv";

    /**
     * The name of the file of a further evaluation set.
     *
     * @param set the name of the set, e.g. {@code mismatched}
     * @return e.g. {@code predictions_mismatched.tsv}
     */
    public static String nameOf(String set) {
        return "predictions_" + set + ".tsv";
    }

    private static final Pattern HEADER = Pattern.compile(
            "# lora4j predictions (\\d{1,9}) examples=(\\d{1,9}) classes=(\\d{1,9}) labels_sha256=([0-9a-f]{64})");
    private static final int VERSION = 1;
    private static final int MOST_CLASSES = 10_000;
    private static final long MOST_BYTES = 1L << 30;

    private PredictionsFile() {}

    /**
     * Writes a file beside its final name and moves it into place.
     *
     * @param file the final name; its folder must exist
     * @param predictions what to write
     * @throws UserException if the disk refuses
     */
    public static void write(Path file, Predictions predictions) {
        AtomicFile.write(file, beside -> {
            try (BufferedWriter out = Files.newBufferedWriter(beside, StandardCharsets.UTF_8)) {
                write(out, predictions);
            }
        });
    }

    private static void write(BufferedWriter out, Predictions predictions) throws IOException {
        int classes = predictions.classes();
        out.write("# lora4j predictions " + VERSION + " examples=" + predictions.size() + " classes=" + classes
                + " labels_sha256=" + predictions.labelsSha256() + "\n");
        out.write(columns(classes) + "\n");
        double[] labels = predictions.labels();
        double[] predicted = predictions.predictions();
        for (int i = 0; i < labels.length; i++) {
            StringBuilder line = new StringBuilder().append(i);
            line.append('\t').append(classes > 0 ? Integer.toString((int) labels[i]) : Double.toString(labels[i]));
            line.append('\t').append(shortest((float) predicted[i]));
            for (float score : predictions.scores(i)) {
                line.append('\t').append(shortest(score));
            }
            out.write(line.append('\n').toString());
        }
    }

    private static String columns(int classes) {
        StringBuilder line = new StringBuilder("index\tlabel\tprediction");
        for (int c = 0; c < classes; c++) {
            line.append("\tprobability_").append(c);
        }
        return line.toString();
    }

    /** The fewest digits; {@code Float.toString} has one more than needed at times before Java 19. */
    static String shortest(float value) {
        BigDecimal text = new BigDecimal(Float.toString(value)).stripTrailingZeros();
        while (text.precision() > 1) {
            BigDecimal shorter = text.round(new MathContext(text.precision() - 1, RoundingMode.HALF_EVEN));
            if (shorter.floatValue() != value) {
                break;
            }
            text = shorter.stripTrailingZeros();
        }
        return text.signum() == 0 ? "0" : text.toString();
    }

    /**
     * Reads a file and checks everything that can be: header, order, number of rows, numbers, and the labels' checksum.
     *
     * @param file the file
     * @return its predictions
     * @throws UserException if it is not there or cannot be read
     * @throws FormatException if it is damaged, or no such file at all
     */
    public static Predictions read(Path file) {
        try {
            long size = Files.size(file);
            if (size > MOST_BYTES) {
                throw new FormatException(file, "has " + size + " bytes, more than the " + MOST_BYTES + " it may have");
            }
            try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                return read(file, in);
            }
        } catch (NoSuchFileException e) {
            throw new UserException("there is no " + file + ": run the trial again to have its predictions", e);
        } catch (CharacterCodingException e) {
            throw new FormatException(file, "is no UTF-8 text");
        } catch (IOException e) {
            throw new UserException("cannot read " + file + ": " + AtomicFile.reason(e), e);
        }
    }

    private static Predictions read(Path file, BufferedReader in) throws IOException {
        String first = in.readLine();
        Matcher header = HEADER.matcher(first == null ? "" : first);
        if (!header.matches()) {
            throw new FormatException(file, "line 1 is not the header of a predictions file");
        }
        int version = Integer.parseInt(header.group(1));
        int examples = Integer.parseInt(header.group(2));
        int classes = Integer.parseInt(header.group(3));
        if (version != VERSION) {
            throw new FormatException(file, "has version " + version + ", this program reads version " + VERSION);
        }
        if (examples == 0 || classes == 1 || classes > MOST_CLASSES) {
            throw new FormatException(file, "line 1: " + examples + " examples of " + classes + " classes");
        }
        if (!columns(classes).equals(in.readLine())) {
            throw new FormatException(file, "line 2 does not have the columns of " + classes + " classes");
        }
        List<double[]> rows = new ArrayList<>();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            rows.add(row(file, rows.size(), line, classes));
        }
        if (rows.size() != examples) {
            throw new FormatException(file, "has " + rows.size() + " rows, its header says " + examples);
        }
        Predictions predictions = predictions(rows, classes);
        if (!predictions.labelsSha256().equals(header.group(4))) {
            throw new FormatException(
                    file, "its labels do not have the SHA-256 of its header: one of them was changed");
        }
        return predictions;
    }

    /** Label, prediction and probabilities of a line. */
    private static double[] row(Path file, int index, String line, int classes) {
        String[] cells = line.split("\t", -1);
        String where = "line " + (index + 3);
        if (cells.length != 3 + classes) {
            throw new FormatException(file, where + " has " + cells.length + " columns instead of " + (3 + classes));
        }
        if (!cells[0].equals(Integer.toString(index))) {
            throw new FormatException(file, where + " has the index " + cells[0] + " instead of " + index);
        }
        double[] row = new double[2 + classes];
        for (int c = 0; c < row.length; c++) {
            Double value = value(cells[c + 1], c == 0);
            boolean isClass = c < 2 && classes > 0;
            if (value == null || (isClass && (value != Math.rint(value) || value < 0 || value >= classes))) {
                throw new FormatException(
                        file,
                        where + ", column " + (c + 2) + ": \"" + cells[c + 1] + "\" is no "
                                + (isClass ? "class 0.." + (classes - 1) : "finite number"));
            }
            row[c] = value;
        }
        return row;
    }

    /** A label is a double, all else float32. */
    private static @Nullable Double value(String cell, boolean label) {
        try {
            double value = label ? Double.parseDouble(cell) : Float.parseFloat(cell);
            return Double.isFinite(value) ? value : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static Predictions predictions(List<double[]> rows, int classes) {
        double[] labels = new double[rows.size()];
        double[] predicted = new double[rows.size()];
        float[][] scores = new float[rows.size()][classes];
        for (int i = 0; i < labels.length; i++) {
            double[] row = rows.get(i);
            labels[i] = row[0];
            predicted[i] = row[1];
            for (int c = 0; c < classes; c++) {
                scores[i][c] = (float) row[c + 2];
            }
        }
        return new Predictions(classes, labels, predicted, scores);
    }
}
