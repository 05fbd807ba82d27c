package io.lora4j.recipes.schema;

import io.lora4j.error.UserException;
import java.util.List;
import java.util.stream.Collectors;

/** A recipe that cannot be run as it is; the message holds all of its problems, one a line. */
public final class RecipeException extends UserException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    /**
     * @param file the recipe as the user named it
     * @param problems at least one
     */
    public RecipeException(String file, List<Problem> problems) {
        super(message(file, problems));
        this.problems = List.copyOf(problems);
    }

    /**
     * What is wrong, in the order of the file's lines.
     *
     * @return at least one problem
     */
    public List<Problem> problems() {
        return problems;
    }

    private static String message(String file, List<Problem> problems) {
        String head = file + " has " + (problems.size() == 1 ? "a problem:" : problems.size() + " problems:");
        return problems.stream().map(problem -> "\n  " + problem).collect(Collectors.joining("", head, ""));
    }
}
