/**
 * Results side by side: one row per method and learning rate, mean and standard deviation over seeds, cost beside score.
 *
 * <p>{@link io.lora4j.recipes.table.ResultTable} is the data; {@link io.lora4j.recipes.table.TableText} lays it out for a terminal or as
 * Markdown, {@link io.lora4j.recipes.table.TableCsv} for programs.
 */
@NullMarked
package io.lora4j.recipes.table;

import org.jspecify.annotations.NullMarked;
