/**
 * A closed schema over YAML 1.2: everything that is wrong with a file is found, and told at once.
 *
 * <p>The workflow: {@link io.lora4j.recipes.schema.YamlTree} reads a file into a {@link io.lora4j.recipes.schema.Tree} in which
 * every value knows its {@link io.lora4j.recipes.schema.Origin} (file and line, or the command line); {@link
 * io.lora4j.recipes.schema.Overrides} lays {@code key=value} over it; a {@link io.lora4j.recipes.schema.Section} of {@link
 * io.lora4j.recipes.schema.Key keys} turns it into a record, telling {@link io.lora4j.recipes.schema.Problems} of every unknown
 * key, wrong type and value out of range. Nothing is built from a tree that has a problem.
 *
 * <p>The schema is data: a key carries its type, its default and one line of documentation, so a reference page or an editor's
 * schema file can be made from it.
 */
@NullMarked
package io.lora4j.recipes.schema;

import org.jspecify.annotations.NullMarked;
