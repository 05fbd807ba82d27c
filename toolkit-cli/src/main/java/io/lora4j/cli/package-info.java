/**
 * The {@code lora4j} command: arguments in, tables out, exit codes.
 *
 * <p>{@link io.lora4j.cli.Main} builds the {@link io.lora4j.cli.Lora4jCommand} tree, runs it and ends the process with its exit code;
 * every verb is one class that calls the recipes module and prints. Nothing here computes. Tables and listings go to standard
 * output; the progress bar, warnings and errors to standard error. The recipes module's classes that need ND4J are only touched
 * by {@code run}: all other verbs answer without loading a native library.
 */
@NullMarked
package io.lora4j.cli;

import org.jspecify.annotations.NullMarked;
