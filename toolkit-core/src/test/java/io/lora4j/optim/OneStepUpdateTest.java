package io.lora4j.optim;

import static io.lora4j.golden.Golden.distance;
import static io.lora4j.golden.Golden.transposed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.golden.Golden;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class OneStepUpdateTest {
    @Test
    @Tag("golden")
    void everyStepOfThePublishedGridAgrees() {
        JsonNode golden = Golden.read("one_step_gd.json");
        INDArray w = transposed(golden.get("W"));
        INDArray g = transposed(golden.get("G"));
        OneStepUpdate full = OneStepUpdate.full(g);
        OneStepUpdate ofRank = OneStepUpdate.ofRank(g, golden.get("r").asInt());
        List<Double> grid = new ArrayList<>();
        for (JsonNode row : golden.get("rows")) {
            double eta = row.get("eta").asDouble();
            grid.add(eta);
            assertEquals(0, distance(transposed(row.get("W_full")), w.add(full.shift(eta))), 1e-9);
            assertEquals(0, distance(transposed(row.get("W_rank_r")), w.add(ofRank.shift(eta))), 1e-7);
        }
        assertEquals(OneStepUpdate.PUBLISHED_GRID, grid);
    }

    @Test
    void theTypeOfTheGradientIsKept() {
        INDArray g = transposed(Golden.read("one_step_gd.json").get("G")).castTo(DataType.FLOAT);
        assertEquals(DataType.FLOAT, OneStepUpdate.ofRank(g, 2).shift(1).dataType());
    }

    @Test
    void theSearchTakesTheSmallestLossAndTheFirstOfEquals() {
        OneStepUpdate.Choice choice =
                OneStepUpdate.search(List.of(10.0, 1.0, 0.5, 0.1), eta -> eta == 10 ? Double.NaN : eta == 0.1 ? 3 : 2);
        assertEquals(new OneStepUpdate.Choice(1, 2), choice);
        assertThrows(ArithmeticException.class, () -> OneStepUpdate.search(List.of(1.0), eta -> Double.NaN));
    }
}
