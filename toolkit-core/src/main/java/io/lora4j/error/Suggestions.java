package io.lora4j.error;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** "Did you mean": the known name nearest to a misspelt one. */
public final class Suggestions {
    private Suggestions() {}

    /**
     * The nearest known name, if one is near enough: at most a third of the letters differ, counting a swap of neighbours as one
     * difference (optimal string alignment distance). Case and the choice between {@code -}, {@code _} and a space do not count.
     *
     * @param word what the user wrote
     * @param known the names that exist
     * @return the nearest, the first of them on a tie; empty if none is near
     */
    public static Optional<String> closest(String word, Collection<String> known) {
        String wanted = fold(word);
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String candidate : known) {
            String folded = fold(candidate);
            int distance = distance(wanted, folded);
            int limit = Math.max(1, Math.min(wanted.length(), folded.length()) / 3);
            if (distance <= limit && distance < bestDistance) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return Optional.ofNullable(best);
    }

    /**
     * The end of a message about an unknown name that lists the known ones itself.
     *
     * @param word what the user wrote
     * @param known the names that exist
     * @return {@code ; did you mean "x"?}, or nothing where no name is near
     */
    public static String didYouMean(String word, Collection<String> known) {
        return closest(word, known)
                .map(name -> "; did you mean \"" + name + "\"?")
                .orElse("");
    }

    /**
     * The end of a message about an unknown name.
     *
     * @param word what the user wrote
     * @param known the names that exist
     * @return {@code ; did you mean "x"?}, or else {@code ; known: x, y, z}
     */
    public static String hint(String word, Collection<String> known) {
        String near = didYouMean(word, known);
        return near.isEmpty() ? "; known: " + String.join(", ", known) : near;
    }

    private static String fold(String word) {
        return word.toLowerCase(Locale.ROOT).replace('-', '_').replace(' ', '_');
    }

    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + change);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
