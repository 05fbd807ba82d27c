package io.lora4j.recipes.schema;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong, so that a user hears of everything at once. Not thread-safe. */
public final class Problems {
    private record Found(int line, Problem problem) {}

    private final List<Found> found = new ArrayList<>();
    private final Places places;

    /** Starts without a problem. */
    public Problems() {
        this(Places.NONE);
    }

    /**
     * Starts without a problem.
     *
     * @param places where the schema has its keys: messages about unknown keys then say where they belong
     */
    public Problems(Places places) {
        this.places = places;
    }

    /**
     * For another reading by the same schema.
     *
     * @return a collection without a problem
     */
    public Problems another() {
        return new Problems(places);
    }

    /** Where the schema has its keys. */
    Places places() {
        return places;
    }

    /**
     * Notes a problem.
     *
     * @param origin where the value stands
     * @param what what is wrong, with the value, the limit and where possible a suggestion
     */
    public void add(Origin origin, String what) {
        Found problem = new Found(origin.line(), new Problem(origin.where(), what));
        if (!found.contains(problem)) {
            found.add(problem);
        }
    }

    /**
     * Takes over what another reading of the same file has told; what is known already is not noted twice. Readers tell by {@link #count} whether
     * they have met a problem, so whoever reads the same values several times needs new problems for each.
     *
     * @param others problems of another reading
     */
    public void addAll(Problems others) {
        for (Found problem : others.found) {
            if (!found.contains(problem)) {
                found.add(problem);
            }
        }
    }

    /**
     * How many were noted.
     *
     * @return 0 or more
     */
    public int count() {
        return found.size();
    }

    /**
     * Throws if there is any problem.
     *
     * @param file the recipe as the user named it
     * @throws RecipeException with all problems, in the order of the file's lines, then those of the command line
     */
    public void throwIfAny(String file) {
        if (!found.isEmpty()) {
            throw new RecipeException(
                    file,
                    found.stream()
                            .sorted(Comparator.comparingInt(Found::line))
                            .map(Found::problem)
                            .toList());
        }
    }
}
