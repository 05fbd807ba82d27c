package io.lora4j.datasets.reader;

import java.util.ArrayList;
import java.util.List;
import org.datavec.api.records.reader.impl.LineRecordReader;
import org.datavec.api.writable.Text;
import org.datavec.api.writable.Writable;

/**
 * Lines split at tabs, without quoting or escapes: quotation marks and backslashes are characters like any other, which is
 * what GLUE's files need. Empty cells are kept, also at the end of a line. A line ends at LF, CRLF or CR.
 */
public final class TsvRecordReader extends LineRecordReader {
    private static final long serialVersionUID = 1L;

    @Override
    public List<Writable> next() {
        String line = super.next().get(0).toString();
        List<Writable> cells = new ArrayList<>();
        int from = 0;
        for (int tab = line.indexOf('\t'); tab >= 0; tab = line.indexOf('\t', from)) {
            cells.add(new Text(line.substring(from, tab)));
            from = tab + 1;
        }
        cells.add(new Text(line.substring(from)));
        return cells;
    }
}
