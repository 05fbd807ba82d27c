package io.lora4j.models.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The closed form equals taking tokens away one at a time from the longer text. */
class LongestFirstTest {
    /** Takes tokens one by one; when both are equally long, from the text that was not longer at the start (a tie: the first). */
    private static LongestFirst oneByOne(int first, int second, int budget) {
        int a = first;
        int b = second;
        boolean firstWasLonger = first > second;
        while (a + b > budget) {
            if (a > b || (a == b && !firstWasLonger)) {
                a--;
            } else {
                b--;
            }
        }
        return new LongestFirst(a, b);
    }

    @Test
    void equalsRemovingOneTokenAtATime() {
        for (int first = 0; first <= 24; first++) {
            for (int second = 0; second <= 24; second++) {
                for (int budget = 0; budget <= 50; budget++) {
                    assertEquals(
                            oneByOne(first, second, budget),
                            LongestFirst.of(first, second, budget),
                            first + " and " + second + " into " + budget);
                }
            }
        }
    }

    @Test
    void theOddTokenStaysWithTheLongerText() {
        assertEquals(new LongestFirst(4, 3), LongestFirst.of(9, 8, 7));
        assertEquals(new LongestFirst(3, 4), LongestFirst.of(8, 9, 7));
        assertEquals(new LongestFirst(3, 4), LongestFirst.of(8, 8, 7));
        assertEquals(new LongestFirst(5, 2), LongestFirst.of(9, 2, 7));
    }
}
