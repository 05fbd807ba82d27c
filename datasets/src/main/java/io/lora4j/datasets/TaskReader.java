package io.lora4j.datasets;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a task's training and evaluation file.
 *
 * <p>What is done to the text: a byte order mark at the beginning of a file is dropped, and so is U+FEFF inside a cell (there it
 * is a zero-width no-break space, a character without width or meaning that a tokenizer would see; one row of QNLI has it).
 * Labels lose the space around them. Nothing else is changed: neither case nor space nor quotation marks of a text.
 */
public final class TaskReader {
    private TaskReader() {}

    /**
     * Reads both files whole.
     *
     * @param spec files, columns and labels
     * @param folder the data folder, against which the files' names are resolved
     * @return the rows, in file order, with the checksums of the files
     * @throws DataException at the first fault: a missing folder or file, text that is not UTF-8, a wrong number of columns, an
     *     unknown label, an empty text, a file without rows; the message names the file and the line
     */
    public static TaskData read(TaskSpec spec, Path folder) {
        SourceFile train = SourceFile.read(existing(spec.name(), folder, spec.trainFile()));
        SourceFile dev = SourceFile.read(existing(spec.name(), folder, spec.devFile()));
        return read(spec, train, dev);
    }

    /**
     * Reads one labelled file of a task, as MNLI's second dev file.
     *
     * @param spec columns and labels
     * @param folder the data folder
     * @param file the file's name, relative to the folder or absolute
     * @return the rows, in file order
     * @throws DataException as {@link #read(TaskSpec, Path)} does
     */
    public static List<Example> rows(TaskSpec spec, Path folder, String file) {
        return new RowParser(spec, SourceFile.read(existing(spec.name(), folder, file))).parse();
    }

    /** Reads a task whose files are in memory already. */
    static TaskData read(TaskSpec spec, SourceFile train, SourceFile dev) {
        Map<String, String> sha256 = new LinkedHashMap<>();
        sha256.put(spec.trainFile(), train.sha256());
        sha256.put(spec.devFile(), dev.sha256());
        List<Example> trainRows = new RowParser(spec, train).parse();
        List<Example> devRows = new RowParser(spec, dev).parse();
        return new TaskData(spec.name(), spec.labelNames(), spec.pair(), trainRows, devRows, sha256);
    }

    /** The file's path; a {@link DataException} says which file the task needs and where it was looked for. */
    static Path existing(String task, Path folder, String file) {
        Path path = folder.resolve(file);
        if (Files.exists(path)) {
            return path;
        }
        Path full = path.toAbsolutePath().normalize();
        if (!Files.isDirectory(folder)) {
            throw new DataException("the data folder " + folder.toAbsolutePath().normalize()
                    + (Files.exists(folder) ? " is not a folder" : " does not exist") + "; " + task + " needs "
                    + file + " in it: set data.dir to the folder that has it");
        }
        throw new DataException(task + " needs " + file + " in data.dir, but there is no " + full
                + ": put the file there, or set data.dir to the folder that has it");
    }
}
