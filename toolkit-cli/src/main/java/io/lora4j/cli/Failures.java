package io.lora4j.cli;

import io.lora4j.error.DivergedException;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns whatever a command throws into one message on standard error and an exit code.
 *
 * <table>
 * <caption>Mapping; the first cause that fits decides</caption>
 * <tr><td>{@link UserException}</td><td>2</td><td>its message, no stack trace</td></tr>
 * <tr><td>wrong usage</td><td>2</td><td>the mistake, a suggestion, how to get help</td></tr>
 * <tr><td>a path that is missing, not allowed, in the way or no folder</td><td>2</td><td>the path and what is wrong with it</td></tr>
 * <tr><td>{@link DivergedException}</td><td>3</td><td>layer, step, quantity</td></tr>
 * <tr><td>interruption</td><td>130</td><td>"interrupted"</td></tr>
 * <tr><td>no memory</td><td>1</td><td>which settings need less or give more</td></tr>
 * <tr><td>anything else</td><td>1</td><td>the stack trace, because it is a fault of the program</td></tr>
 * </table>
 */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    @Override
    public int handleExecutionException(Exception failure, CommandLine command, @Nullable ParseResult parsed) {
        return report(failure, command);
    }

    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        error(command, String.valueOf(failure.getMessage()));
        UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return ExitCodes.USAGE;
    }

    /**
     * Prints what is to be said about a failure.
     *
     * @param failure what was thrown
     * @param command where to print
     * @return the exit code
     */
    static int report(Throwable failure, CommandLine command) {
        for (Throwable cause = failure; cause != null; cause = next(cause)) {
            if (cause instanceof UserException) {
                return say(command, String.valueOf(cause.getMessage()), ExitCodes.USAGE);
            }
            if (cause instanceof DivergedException) {
                return say(command, String.valueOf(cause.getMessage()), ExitCodes.DIVERGED);
            }
            if (cause instanceof InterruptedException) {
                return say(command, "interrupted", ExitCodes.INTERRUPTED);
            }
            if (cause instanceof OutOfMemoryError) {
                return say(command, outOfMemory(cause), ExitCodes.FAILED);
            }
            String path = unusablePath(cause);
            if (path != null) {
                return say(command, path, ExitCodes.USAGE);
            }
            if (cause instanceof IOException) {
                return say(command, cause.getClass().getSimpleName() + ": " + cause.getMessage(), ExitCodes.FAILED);
            }
        }
        error(command, "this is a fault of the program, not of its input:");
        failure.printStackTrace(command.getErr());
        command.getErr().flush();
        return ExitCodes.FAILED;
    }

    private static @Nullable Throwable next(Throwable cause) {
        Throwable deeper = cause.getCause();
        return deeper == cause ? null : deeper;
    }

    private static String outOfMemory(Throwable failure) {
        return "out of memory (" + failure.getMessage()
                + "); lower train.micro_batch, model.max_length or the model's size, or give more, e.g. LORA4J_JAVA_OPTS="
                + "'-Xmx4g -Dorg.bytedeco.javacpp.maxbytes=16g -Dorg.bytedeco.javacpp.maxphysicalbytes=20g'";
    }

    /** The message for a path the user can put right; null if the failure is of another kind. */
    private static @Nullable String unusablePath(Throwable failure) {
        String path = failure instanceof FileSystemException named ? named.getFile() : null;
        if (failure instanceof NoSuchFileException) {
            return path + ": there is no such file or folder";
        }
        if (failure instanceof AccessDeniedException) {
            return path + ": permission denied";
        }
        if (failure instanceof NotDirectoryException) {
            return path + ": is not a folder";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return path + ": exists already";
        }
        if (failure instanceof FileSystemException other
                && List.of("Read-only file system", "Is a directory", "Not a directory")
                        .contains(other.getReason())) {
            return path + ": " + other.getReason();
        }
        return null;
    }

    private static int say(CommandLine command, String message, int code) {
        error(command, message);
        return code;
    }

    private static void error(CommandLine command, String message) {
        PrintWriter err = command.getErr();
        err.println(command.getColorScheme().errorText("lora4j: " + message));
        err.flush();
    }
}
