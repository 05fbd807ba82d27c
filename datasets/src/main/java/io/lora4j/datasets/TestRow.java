package io.lora4j.datasets;

import org.jspecify.annotations.Nullable;

/**
 * One row of a test file, whose label only the leaderboard knows.
 *
 * @param index the row's number as its file writes it, from 0 in all of GLUE's files
 * @param textA the sentence, or the first of a pair
 * @param textB the second of a pair; null for a task of single sentences
 */
public record TestRow(int index, String textA, @Nullable String textB) {}
