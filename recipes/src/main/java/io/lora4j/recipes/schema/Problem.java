package io.lora4j.recipes.schema;

/**
 * One thing that is wrong with a recipe.
 *
 * @param where file and line, or the override on the command line
 * @param what what is wrong, with the value, the limit and where possible a suggestion
 */
public record Problem(String where, String what) {
    @Override
    public String toString() {
        return where + ": " + what;
    }
}
