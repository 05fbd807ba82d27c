/**
 * The methods a recipe can name: for each one record that holds its settings, knows its keys and says what it is made of.
 *
 * <p>A method is composed of parts that core owns: an initialiser, parameter groups and an update rule. To add one: the initialiser's class (or
 * another part) in core, a record here with its {@link io.lora4j.recipes.method.MethodType}, and its line in {@link
 * io.lora4j.recipes.method.MethodSettings} and {@link io.lora4j.recipes.method.Methods}. Keys, suggestions, listing, tables and run
 * directories follow from the type.
 */
@NullMarked
package io.lora4j.recipes.method;

import org.jspecify.annotations.NullMarked;
