package io.lora4j.recipes.predictions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictionsFileTest {
    private static final Predictions TWO = Predictions.classification(
            new int[] {1, 0, 1}, new float[][] {{0.25f, 0.75f}, {0.5f, 0.5f}, {0.99999994f, 1e-9f}});

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve(PredictionsFile.NAME);
    }

    @Test
    void aSmallFileToTheByte() throws IOException, NoSuchAlgorithmException {
        PredictionsFile.write(file(), TWO);
        byte[] hash = MessageDigest.getInstance("SHA-256").digest("2\n1\n0\n1\n".getBytes(StandardCharsets.UTF_8));
        String sha256 = HexFormat.of().formatHex(hash);
        assertEquals(
                "# lora4j predictions 1 examples=3 classes=2 labels_sha256=" + sha256 + "\n"
                        + "index\tlabel\tprediction\tprobability_0\tprobability_1\n"
                        + "0\t1\t1\t0.25\t0.75\n"
                        + "1\t0\t0\t0.5\t0.5\n"
                        + "2\t1\t0\t0.99999994\t1E-9\n",
                Files.readString(file()));
        assertEquals(TWO, PredictionsFile.read(file()));
        try (var files = Files.list(folder)) {
            assertEquals(List.of(file()), files.toList(), "nothing beside it");
        }
    }

    @Test
    void whatIsWrittenReadsBack() {
        Random random = new Random(3);
        int[] labels = new int[500];
        float[][] probabilities = new float[500][3];
        for (int i = 0; i < 500; i++) {
            labels[i] = random.nextInt(3);
            for (int c = 0; c < 3; c++) {
                probabilities[i][c] = Float.intBitsToFloat(random.nextInt(0x3f800000));
            }
        }
        Predictions many = Predictions.classification(labels, probabilities);
        PredictionsFile.write(file(), many);
        Predictions back = PredictionsFile.read(file());
        assertEquals(many, back);
        assertArrayEquals(many.predictions(), back.predictions());
        assertEquals(many.labelsSha256(), back.labelsSha256());

        Predictions values = Predictions.regression(new double[] {3.8, 0, -1e-30}, new float[] {0.1f, 5, 1 / 3f});
        PredictionsFile.write(file(), values);
        assertEquals(values, PredictionsFile.read(file()));
    }

    @Test
    void numbersHaveTheFewestDigits() {
        for (String text : List.of("0.1", "1E-9", "0.33333334", "2E-8", "1", "0", "0.000123")) {
            assertEquals(text, PredictionsFile.shortest(Float.parseFloat(text)));
        }
        Random random = new Random(5);
        for (int i = 0; i < 2_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt(0x7f800000));
            String text = PredictionsFile.shortest(value);
            assertEquals(value, Float.parseFloat(text), text);
            assertTrue(text.replaceAll("E.*|[.-]", "").replaceAll("^0+", "").length() <= 9, text);
        }
    }

    @Test
    void differentDataIsNotCompared() {
        Predictions others = Predictions.classification(
                new int[] {1, 1, 1}, new float[][] {{0.25f, 0.75f}, {0.5f, 0.5f}, {0.9f, 0.1f}});
        assertNotEquals(TWO.labelsSha256(), others.labelsSha256());
        UserException e =
                assertThrows(UserException.class, () -> TWO.requireSameData("lora", others, "full fine-tuning"));
        assertTrue(e.getMessage().startsWith("lora and full fine-tuning were evaluated on different data (3 and 3"));
        assertTrue(e.getMessage().contains(others.labelsSha256().substring(0, 12)), e.getMessage());
        e = assertThrows(UserException.class, () -> Predictions.runs("lora", Map.of(1L, TWO, 2L, others)));
        assertTrue(e.getMessage().contains("lora, seed "), e.getMessage());
        assertEquals(3, Predictions.runs("lora", Map.of(1L, TWO, 2L, TWO)).examples());
        // The same numbers as classes and as values are different data.
        assertNotEquals(
                TWO.labelsSha256(),
                Predictions.regression(new double[] {1, 0, 1}, new float[3]).labelsSha256());
    }

    @Test
    void damagedFilesAreRefusedWithTheirFault() throws IOException {
        PredictionsFile.write(file(), TWO);
        String good = Files.readString(file());
        List<String[]> faults = List.of(
                new String[] {"# lora4j", "# lora5j", "line 1 is not the header"},
                new String[] {"predictions 1", "predictions 2", "version 2, this program reads version 1"},
                new String[] {"classes=2", "classes=1", "3 examples of 1 classes"},
                new String[] {"classes=2", "classes=3", "line 2 does not have the columns of 3 classes"},
                new String[] {"classes=2", "classes=999999999", "999999999 classes"},
                new String[] {"examples=3", "examples=4", "has 3 rows, its header says 4"},
                new String[] {"\n1\t0\t0", "\n2\t0\t0", "line 4 has the index 2 instead of 1"},
                new String[] {"\n1\t0\t0", "\n1\t1\t0", "SHA-256"},
                new String[] {"\n1\t0\t0", "\n1\t2\t0", "line 4, column 2: \"2\" is no class 0..1"},
                new String[] {"\n1\t0\t0", "\n1\t0\t0.5", "line 4, column 3"},
                new String[] {"\t0.25", "\tNaN", "line 3, column 4: \"NaN\" is no finite number"},
                new String[] {"\t0.25", "\tx", "\"x\" is no finite number"},
                new String[] {"\t0.25", "", "line 3 has 4 columns instead of 5"},
                new String[] {"0.5\t0.5\n", "0.5\t0.", "line 4 has 9 columns instead of 5"});
        for (String[] fault : faults) {
            String damaged = good.replaceFirst(Pattern.quote(fault[0]), fault[1]);
            assertNotEquals(good, damaged, fault[0]);
            Files.writeString(file(), damaged);
            FormatException e = assertThrows(FormatException.class, () -> PredictionsFile.read(file()), fault[2]);
            assertTrue(e.getMessage().contains(fault[2]), e.getMessage() + " <> " + fault[2]);
            assertTrue(e.getMessage().startsWith(file().toString()), e.getMessage());
        }
        Files.write(file(), new byte[] {(byte) 0xc3, 0x28});
        assertTrue(assertThrows(FormatException.class, () -> PredictionsFile.read(file()))
                .getMessage()
                .contains("UTF-8"));
        Files.write(file(), new byte[0]);
        assertThrows(FormatException.class, () -> PredictionsFile.read(file()));
        Files.delete(file());
        UserException gone = assertThrows(UserException.class, () -> PredictionsFile.read(file()));
        assertTrue(gone.getMessage().startsWith("there is no " + file()), gone.getMessage());
        assertThrows(UserException.class, () -> PredictionsFile.read(folder));
    }

    /** Whatever a byte of the file becomes: the same predictions, others of the same labels, or one clear refusal. */
    @Test
    void noDamageEndsInAnythingElse() throws IOException {
        PredictionsFile.write(file(), TWO);
        byte[] good = Files.readAllBytes(file());
        Random random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 1_000; i++) {
            byte[] damaged = Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
            if (damaged.length > 0) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            Files.write(file(), damaged);
            try {
                assertEquals(TWO.labelsSha256(), PredictionsFile.read(file()).labelsSha256());
            } catch (UserException e) {
                assertFalse(e.getMessage().isEmpty());
                refused++;
            }
        }
        assertTrue(refused > 800, "refused " + refused);
    }

    @Test
    void contradictionsAreRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> Predictions.classification(new int[] {2}, new float[][] {{0, 1}}));
        assertThrows(
                IllegalArgumentException.class, () -> Predictions.classification(new int[] {0}, new float[][] {{1}}));
        assertThrows(IllegalArgumentException.class, () -> Predictions.classification(new int[0], new float[0][]));
        assertThrows(
                IllegalArgumentException.class,
                () -> Predictions.classification(new int[] {0}, new float[][] {{Float.NaN, 1}}));
        assertThrows(
                IllegalArgumentException.class,
                () -> Predictions.regression(new double[] {0}, new float[] {Float.POSITIVE_INFINITY}));
    }
}
