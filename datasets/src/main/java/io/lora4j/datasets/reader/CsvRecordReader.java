package io.lora4j.datasets.reader;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.datavec.api.conf.Configuration;
import org.datavec.api.records.Record;
import org.datavec.api.records.metadata.RecordMetaData;
import org.datavec.api.records.metadata.RecordMetaDataLine;
import org.datavec.api.records.reader.BaseRecordReader;
import org.datavec.api.split.InputSplit;
import org.datavec.api.split.InputStreamInputSplit;
import org.datavec.api.writable.Text;
import org.datavec.api.writable.Writable;
import org.jspecify.annotations.Nullable;

/**
 * Comma-separated values after RFC 4180, parsed by Commons CSV: quoted cells may hold commas, line breaks and doubled
 * quotation marks; a stray quotation mark is an error.
 *
 * <p>Reads the first location of its split, once; loading single records again from metadata is not supported. A blank line
 * gives a record with one empty cell.
 */
public final class CsvRecordReader extends BaseRecordReader {
    private static final long serialVersionUID = 1L;

    private static final CSVFormat FORMAT = CSVFormat.RFC4180
            .builder()
            .setIgnoreEmptyLines(false)
            .setTrailingData(false)
            .setLenientEof(false)
            .get();

    private transient @Nullable CSVParser parser;
    private transient @Nullable Iterator<CSVRecord> records;
    private transient @Nullable CSVRecord ahead;
    private transient @Nullable Configuration configuration;
    private long aheadLine;

    @Override
    public void initialize(InputSplit split) throws IOException, InterruptedException {
        super.initialize(split);
        InputStream stream = split instanceof InputStreamInputSplit given
                ? given.getIs()
                : streamCreatorFn.apply(split.locationsIterator().next());
        CSVParser opened = CSVParser.parse(new InputStreamReader(stream, StandardCharsets.UTF_8), FORMAT);
        parser = opened;
        records = opened.iterator();
        ahead = null;
    }

    @Override
    public void initialize(Configuration conf, InputSplit split) throws IOException, InterruptedException {
        setConf(conf);
        initialize(split);
    }

    @Override
    public boolean hasNext() {
        return lookAhead() != null;
    }

    @Override
    public List<Writable> next() {
        CSVRecord record = lookAhead();
        if (record == null) {
            throw new NoSuchElementException("no more records");
        }
        ahead = null;
        List<Writable> cells = new ArrayList<>(record.size());
        for (String cell : record) {
            cells.add(new Text(cell));
        }
        invokeListeners(record);
        return cells;
    }

    @Override
    public Record nextRecord() {
        List<Writable> cells = next();
        RecordMetaData where = new RecordMetaDataLine(Math.toIntExact(aheadLine), null, CsvRecordReader.class);
        return new org.datavec.api.records.impl.Record(cells, where);
    }

    /** The parser tells lines only while it reads, so the line is noted before a record is fetched. */
    private @Nullable CSVRecord lookAhead() {
        if (parser == null || records == null) {
            throw new IllegalStateException("the reader has not been initialized");
        }
        if (ahead == null) {
            aheadLine = parser.getCurrentLineNumber();
            try {
                ahead = records.hasNext() ? records.next() : null;
            } catch (UncheckedIOException e) {
                throw new MalformedRecordException(aheadLine + 1, "breaks the rules of CSV: " + e.getMessage(), e);
            }
        }
        return ahead;
    }

    @Override
    public @Nullable List<String> getLabels() {
        return null;
    }

    @Override
    public void reset() {
        throw new UnsupportedOperationException("a CSV file is read once");
    }

    @Override
    public boolean resetSupported() {
        return false;
    }

    @Override
    public List<Writable> record(URI uri, DataInputStream stream) {
        throw new UnsupportedOperationException("single records are not read");
    }

    @Override
    public Record loadFromMetaData(RecordMetaData where) {
        throw new UnsupportedOperationException("single records are not read");
    }

    @Override
    public List<Record> loadFromMetaData(List<RecordMetaData> where) {
        throw new UnsupportedOperationException("single records are not read");
    }

    @Override
    public void setConf(Configuration conf) {
        configuration = conf;
    }

    @Override
    public @Nullable Configuration getConf() {
        return configuration;
    }

    @Override
    public void close() throws IOException {
        if (parser != null) {
            parser.close();
        }
    }
}
