/**
 * The methods a recipe can name: for each one record that holds its settings, knows its keys and says what it is made of.
 *
 * <p>A method with adapters is composed of parts that core owns: an initialiser of its own, and a {@link
 * io.lora4j.recipes.method.Composition} of preconditioner, parameter groups, scaling, weight form and optimiser, whose keys all of them
 * share and whose senseless combinations each of them refuses with the reason. To add one: the initialiser's class (or another part) in
 * core, an {@link io.lora4j.recipes.method.AdapterSettings} record here with its {@link io.lora4j.recipes.method.MethodType}, and its line
 * in {@link io.lora4j.recipes.method.Methods}. Keys, suggestions, listing, tables and run directories follow from the type.
 */
@NullMarked
package io.lora4j.recipes.method;

import org.jspecify.annotations.NullMarked;
