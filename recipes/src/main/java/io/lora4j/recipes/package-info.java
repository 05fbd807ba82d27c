/**
 * Recipes: one YAML file names a pre-trained encoder, a task, methods and a budget.
 *
 * <p>The workflow: {@link io.lora4j.recipes.RecipeReader} turns a file and {@code key=value} overrides into a {@link
 * io.lora4j.recipes.Recipe}, or tells everything that is wrong with it at once; {@code io.lora4j.recipes.run} trains and evaluates
 * every method of it and writes a run directory; {@code io.lora4j.recipes.table} lays the results side by side.
 */
@NullMarked
package io.lora4j.recipes;

import org.jspecify.annotations.NullMarked;
