package io.lora4j.recipes.table;

/** What a test says of a cell beside the others of its column. */
public enum Mark {
    /** Significantly worse than the best, or not tested. */
    NONE,
    /** The highest mean. */
    BEST,
    /** Not significantly worse than the best. */
    TIED
}
