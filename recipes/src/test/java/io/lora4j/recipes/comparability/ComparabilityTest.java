package io.lora4j.recipes.comparability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lora4j.error.UserException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ComparabilityTest {
    private static ResultIdentity result(String name, String dev, String model, String commit) {
        return new ResultIdentity(
                name,
                Map.of(
                        Aspect.DATA, facts("dev.tsv", dev, "max_eval_samples", "all"),
                        Aspect.MODEL, facts("sha256", model),
                        Aspect.CODE, commit.isEmpty() ? new TreeMap<>() : facts("commit", commit)));
    }

    private static SortedMap<String, String> facts(String... pairs) {
        SortedMap<String, String> map = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }

    @Test
    void equalResultsAreCompared() {
        ResultIdentity a = result("a", "12", "34", "56");
        ResultIdentity b = result("b", "12", "34", "56");
        assertEquals(List.of(), Comparability.require(List.of(a, b, a), Set.of()));
        assertEquals(List.of(), Comparability.require(List.of(a), Set.of()));
        assertEquals(List.of(), Comparability.require(List.of(), Set.of()));
    }

    @Test
    void everyDifferenceIsToldAtOnce() {
        List<ResultIdentity> results =
                List.of(result("a", "12", "34", "56"), result("b", "99", "34", ""), result("c", "12", "34", "56"));
        UserException e = assertThrows(UserException.class, () -> Comparability.require(results, Set.of()));
        assertEquals("""
                these results cannot be compared, they differ in data, code:
                  data, dev.tsv: 12 in a, c; 99 in b
                  code, commit: 56 in a, c; (not given) in b
                run them again alike, or allow them to differ: --allow data,code""", e.getMessage());
    }

    @Test
    void whatIsAllowedIsNotedAndTheRestRefused() {
        List<ResultIdentity> results = List.of(result("a", "12", "34", "56"), result("b", "12", "35", "57"));
        UserException e = assertThrows(UserException.class, () -> Comparability.require(results, Set.of(Aspect.CODE)));
        assertEquals("""
                these results cannot be compared, they differ in model:
                  model, sha256: 34 in a; 35 in b
                run them again alike, or allow them to differ: --allow model""", e.getMessage());
        assertEquals(
                List.of("model, sha256: 34 in a; 35 in b", "code, commit: 56 in a; 57 in b"),
                Comparability.require(results, Set.of(Aspect.CODE, Aspect.MODEL)).stream()
                        .map(Comparability.Difference::toString)
                        .toList());
    }
}
