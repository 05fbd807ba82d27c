/**
 * Results side by side: one row per method and learning rate, mean and standard deviation over seeds, what differs by more than chance, cost beside
 * score.
 *
 * <p>{@link io.lora4j.recipes.table.Tables} is the one way from finished {@link io.lora4j.recipes.results.RunResults runs} to a {@link
 * io.lora4j.recipes.table.ResultTable}: a run's own {@code table.md} and {@code lora4j compare} both come from it. {@link
 * io.lora4j.recipes.table.Comparison} checks that several runs can be compared and sorts them into columns ({@link
 * io.lora4j.recipes.table.WideTable}). {@link io.lora4j.recipes.table.TableText} lays tables out for a terminal or as Markdown, {@link
 * io.lora4j.recipes.table.TableLatex} for papers, {@link io.lora4j.recipes.table.TableCsv} and {@link io.lora4j.recipes.table.TableJson} for programs;
 * {@link io.lora4j.recipes.table.ComparisonText} does so for a whole comparison.
 */
@NullMarked
package io.lora4j.recipes.table;

import org.jspecify.annotations.NullMarked;
