/**
 * What is made from the schema of recipes: the reference page, the JSON Schema for editors, and the flat list of keys for listings and
 * completion.
 *
 * <p>The workflow: {@link io.lora4j.recipes.StudyReader#schema()} is data, so nothing here knows a key by name; {@link
 * io.lora4j.recipes.reference.RecipeKeys} walks it, {@link io.lora4j.recipes.reference.RecipePage} lays it out in Markdown ({@code
 * docs/RECIPES.md}) and {@link io.lora4j.recipes.reference.RecipeJsonSchema} says it in JSON Schema ({@code docs/recipe.schema.json}). A
 * test holds both files to it.
 */
@NullMarked
package io.lora4j.recipes.reference;

import org.jspecify.annotations.NullMarked;
