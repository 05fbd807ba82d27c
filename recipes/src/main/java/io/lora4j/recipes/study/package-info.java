/**
 * Studies: chains of resumable comparisons. A search gives every method the same number of trials on a part of the training set and chooses on the
 * rest of it; the comparison that is reported then runs every method at its choice, with all seeds; a sweep does so for every combination of
 * values.
 *
 * <p>The workflow: {@link io.lora4j.recipes.StudyReader} reads the file, {@link io.lora4j.recipes.study.StudyRunner} runs one comparison after
 * the other with {@link io.lora4j.recipes.run.ComparisonRunner}, and {@link io.lora4j.recipes.study.Choice} is what a search came to. A study can
 * be stopped and killed at any moment; {@link io.lora4j.recipes.study.StudyRunner#resume} goes on without running a finished trial again.
 *
 * <h2>The study's folder</h2>
 *
 * <pre>
 * study.yaml                       the resolved study; reads back
 * COMBINATION/search/              a run directory; halving: search/rung-1, search/rung-2, ..., each a run directory
 * COMBINATION/choice.json          per method every candidate with its held-out score, the chosen one, and the rule
 * COMBINATION/final/               a run directory: the chosen settings, all seeds, the whole training set, reported on the dev set
 * table.md, table.csv              over all combinations
 * .lock                            there while a process is at work
 * </pre>
 *
 * <p>COMBINATION is e.g. {@code task-mrpc_adapter.rank-8}; without a sweep it is left out. Without a search there is only {@code final}.
 */
@NullMarked
package io.lora4j.recipes.study;

import org.jspecify.annotations.NullMarked;
