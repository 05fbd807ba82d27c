package io.lora4j.datasets;

import java.util.Collection;
import java.util.Locale;

/** Finds the known name a misspelt one was meant to be. */
final class Suggestions {
    private Suggestions() {}

    /**
     * The nearest known name, as the end of a sentence.
     *
     * @param name what the user wrote
     * @param known the names there are
     * @return {@code "; did you mean 'X'?"}, or nothing where no known name is near: at most a third of its letters, and at
     *     least one, may differ
     */
    static String didYouMean(String name, Collection<String> known) {
        String best = null;
        int least = Integer.MAX_VALUE;
        for (String candidate : known) {
            int distance = distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance <= Math.max(1, candidate.length() / 3) && distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best == null ? "" : "; did you mean '" + best + "'?";
    }

    /** Levenshtein's distance: the least number of letters to insert, delete or replace. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
