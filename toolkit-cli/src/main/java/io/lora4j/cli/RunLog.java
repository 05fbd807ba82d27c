package io.lora4j.cli;

import io.lora4j.error.UserException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.FileAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.layout.PatternLayout;

/**
 * The full log of one run: everything from level info on, of the libraries too, in the run directory's {@code run.log}, from {@link
 * #attach} to {@link #close}. The console stays as {@code log4j2.xml} has it.
 *
 * <p>One at a time per process.
 */
final class RunLog implements AutoCloseable {
    /** The file's name inside the run directory. */
    static final String FILE = "run.log";

    private static final String NAME = "run";

    private final Path file;
    private final LoggerContext context;
    private final FileAppender appender;

    private RunLog(Path file, LoggerContext context, FileAppender appender) {
        this.file = file;
        this.context = context;
        this.appender = appender;
    }

    /**
     * Begins the log.
     *
     * @param runDirectory an existing folder
     * @return the open log
     * @throws UserException if the file cannot be written
     */
    static RunLog attach(Path runDirectory) {
        Path file = runDirectory.resolve(FILE);
        if (!Files.isWritable(runDirectory)) {
            // log4j would only print a complaint of its own
            throw new UserException(file + ": cannot be written; name another folder with --output");
        }
        LoggerContext context = (LoggerContext) LogManager.getContext(false);
        Configuration configuration = context.getConfiguration();
        FileAppender appender = FileAppender.newBuilder()
                .setName(NAME)
                .setConfiguration(configuration)
                .withFileName(file.toString())
                .setLayout(PatternLayout.newBuilder()
                        .withConfiguration(configuration)
                        .withPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{1.} - %m%n")
                        .build())
                .build();
        appender.start();
        configuration.addAppender(appender);
        configuration.getRootLogger().addAppender(appender, Level.INFO, null);
        context.updateLoggers();
        return new RunLog(file, context, appender);
    }

    /**
     * Where the log is.
     *
     * @return the file
     */
    Path file() {
        return file;
    }

    @Override
    public void close() {
        context.getConfiguration().getRootLogger().removeAppender(NAME);
        context.updateLoggers();
        appender.stop();
    }
}
