package io.lora4j.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class PackedLayoutTest {
    private static final int[][] MARKS = {{1, 1, 1, 0, 0}, {1, 0, 0, 0, 0}, {1, 1, 0, 0, 0}};

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE", "INT", "LONG", "UBYTE"})
    void readsAnyNumericType(DataType type) {
        PackedLayout layout = PackedLayout.of(Nd4j.createFromArray(MARKS).castTo(type));

        assertEquals(PackedLayout.ofLengths(3, 1, 2), layout);
        assertEquals(6, layout.rows());
        assertEquals(3, layout.maxLength());
        assertEquals(3, layout.sequences());
        assertFalse(layout.isUniform());
        assertArrayEquals(new int[] {0, 3, 4}, layout.firstRows());
        assertArrayEquals(new int[] {0, 1, 2, 0, 0, 1}, layout.positions());
        assertArrayEquals(new int[] {0, 0, 0, 1, 2, 2}, layout.sequenceOfRows());
        assertArrayEquals(new int[] {0, 1, 2, 3, 3, 3, 4, 5, 4}, layout.packedRowOfPadded());
        assertArrayEquals(new int[] {0, 1, 2, 3, 6, 7}, layout.paddedRowOfPacked());
        assertArrayEquals(new double[] {1, 1, 1, 1, -5, -5, 1, 1, -5}, layout.paddedMask(1, -5));
    }

    @Test
    void gatherThereAndBackIsTheIdentity() {
        PackedLayout layout = PackedLayout.ofLengths(2, 5, 1, 5);
        int[] there = layout.packedRowOfPadded();
        int[] back = layout.paddedRowOfPacked();
        for (int row = 0; row < layout.rows(); row++) {
            assertEquals(row, there[back[row]]);
        }
    }

    @Test
    void packsTheValuesOfRealTokensFromViewsToo() {
        PackedLayout layout = PackedLayout.ofLengths(3, 1, 2);
        INDArray ids = Nd4j.createFromArray(new int[][] {{7, 8, 9, 0, 0}, {4, 0, 0, 0, 0}, {5, 6, 0, 0, 0}});
        int[] expected = {7, 8, 9, 4, 5, 6};

        assertArrayEquals(expected, layout.pack(ids, "input_ids"));
        assertArrayEquals(expected, layout.pack(ids.castTo(DataType.FLOAT), "input_ids"));
        assertArrayEquals(expected, layout.pack(ids.castTo(DataType.DOUBLE).dup('f'), "input_ids"));
        INDArray view = ids.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 3));
        assertArrayEquals(expected, layout.pack(view, "input_ids"));
        INDArray lastTwo = ids.get(NDArrayIndex.interval(1, 3), NDArrayIndex.all());
        assertArrayEquals(new int[] {4, 5, 6}, PackedLayout.ofLengths(1, 2).pack(lastTwo, "input_ids"));
    }

    @Test
    void equallyLongSequencesAreUniform() {
        PackedLayout layout = PackedLayout.of(Nd4j.createFromArray(new int[][] {{1, 1, 0}, {1, 1, 0}}));
        assertTrue(layout.isUniform());
        assertEquals(2, layout.maxLength());
    }

    @Test
    void refusesWhatIsNoLayout() {
        assertMessage(new int[][] {{1, 1}, {0, 0}}, "sequence 1 has no tokens (length 0)");
        assertMessage(
                new int[][] {{1, 0, 1}},
                "layout of sequence 0 has a token at position 2 after padding; tokens must come first");
        assertMessage(
                new int[][] {{1, 2}},
                "layout of sequence 0 holds 2 at position 1; it must be 1 for a token, 0 for padding");
        assertThrows(IllegalArgumentException.class, PackedLayout::ofLengths);
        assertThrows(IllegalArgumentException.class, () -> PackedLayout.of(Nd4j.createFromArray(1, 1)));
        PackedLayout layout = PackedLayout.ofLengths(3);
        IllegalArgumentException error = assertThrows(
                IllegalArgumentException.class, () -> layout.pack(Nd4j.createFromArray(new int[][] {{1, 2}}), "ids"));
        assertEquals("ids has the shape [1, 2], the layout holds 1 sequences of up to 3 tokens", error.getMessage());
    }

    private static void assertMessage(int[][] marks, String message) {
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> PackedLayout.of(Nd4j.createFromArray(marks)));
        assertEquals(message, error.getMessage());
    }
}
