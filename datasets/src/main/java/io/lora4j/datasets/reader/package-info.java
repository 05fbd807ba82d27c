/**
 * DataVec record readers for the three layouts of data files: one record per row, one writable per cell.
 *
 * <p>DataVec's own {@code CSVRecordReader} drops backslashes and fails on odd quotation marks, of which GLUE is full;
 * therefore tab-separated files are DataVec lines split at tabs, and comma-separated ones go through Commons CSV. A record's
 * metadata carries the line it began on (counted from 0, as DataVec does). All read UTF-8 and expect a file without a byte
 * order mark; {@link io.lora4j.datasets.TaskReader} takes it off.
 */
@NullMarked
package io.lora4j.datasets.reader;

import org.jspecify.annotations.NullMarked;
