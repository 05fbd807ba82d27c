package io.lora4j.datasets;

/** How a data file is laid out. All are UTF-8, with or without a byte order mark, lines ended by LF or CRLF. */
public enum DataFormat {
    /** One row per line, cells parted by tabs; no quoting, as in GLUE: a quotation mark is a character like any other. */
    TSV,
    /** RFC 4180: cells parted by commas, quoted cells may hold commas, line breaks and doubled quotation marks. */
    CSV,
    /** One JSON object per line; columns are its members, other members are ignored. */
    JSONL
}
