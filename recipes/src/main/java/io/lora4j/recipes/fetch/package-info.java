/**
 * Data files out of the network.
 *
 * <p>{@link io.lora4j.recipes.fetch.GlueFetch} downloads the archive of a task of GLUE, unpacks the files that are known to be in it, holds
 * them against what is known about the published ones, and only then puts them into the data folder.
 */
@NullMarked
package io.lora4j.recipes.fetch;

import org.jspecify.annotations.NullMarked;
