package io.lora4j.cli;

import io.lora4j.datasets.DataCatalog;
import io.lora4j.datasets.DataReport;
import io.lora4j.datasets.GlueCheck;
import io.lora4j.datasets.GlueFile;
import io.lora4j.datasets.GlueFiles;
import io.lora4j.error.UserException;
import io.lora4j.recipes.fetch.GlueFetch;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lora4j data}: the tasks' files, what is in them, and whether they are the published ones. */
@Command(
        name = "data",
        mixinStandardHelpOptions = true,
        header = "Lists, describes, checks and fetches the files of tasks.",
        description = "TASK is a task of GLUE, AX (its diagnostics), or a bundled task (lora4j data ls).",
        footer = {
            "",
            "Examples:",
            "  lora4j data ls --data-dir glue",
            "  lora4j data show MRPC --data-dir glue",
            "  lora4j data show sts-b --data-dir glue --json",
            "  lora4j data verify --data-dir glue",
            "  lora4j data verify CoLA RTE --data-dir glue",
            "  lora4j data fetch CoLA RTE --data-dir glue",
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class DataCommand implements Runnable {
    private static final int MOST_EXAMPLES = 1000;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a verb is missing: ls, show, verify or fetch");
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    @Command(
            name = "ls",
            mixinStandardHelpOptions = true,
            header = "Lists all tasks: what they ask for, how they are measured, and whether their files are there.",
            footer = {"", "Examples:", "  lora4j data ls", "  lora4j data ls --data-dir glue --json"})
    int list(
            @Option(names = "--data-dir", paramLabel = "DIR", description = "The folder with one folder per task.")
                    @Nullable
                    Path folder,
            @Option(names = "--json", description = "One JSON array.") boolean json) {
        List<DataCatalog.Entry> entries = DataCatalog.list(folder);
        if (json) {
            out().println(JsonText.of(entries));
            return ExitCodes.OK;
        }
        Listing listing = new Listing();
        for (DataCatalog.Entry entry : entries) {
            listing.row(
                    entry.name(),
                    entry.kind(),
                    entry.metrics().isEmpty() ? "-" : String.join(", ", entry.metrics()),
                    files(entry, folder));
        }
        listing.print(out(), "");
        return ExitCodes.OK;
    }

    private static String files(DataCatalog.Entry entry, @Nullable Path folder) {
        if (entry.bundled()) {
            return "bundled";
        }
        if (folder == null) {
            return "needs --data-dir";
        }
        return entry.found() + " of " + entry.files() + (entry.files() == 1 ? " file" : " files");
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            header = "Prints what is in a task's files: rows, labels or scores, lengths, examples.",
            footer = {
                "",
                "Examples:",
                "  lora4j data show sentiment --examples 5",
                "  lora4j data show MRPC --data-dir glue --json",
            })
    int show(
            @Parameters(paramLabel = "TASK", description = "The task's name.") String task,
            @Option(names = "--data-dir", paramLabel = "DIR", description = "The folder with one folder per task.")
                    @Nullable
                    Path folder,
            @Option(
                            names = "--examples",
                            paramLabel = "N",
                            defaultValue = "3",
                            description = "How many rows of each file to show, by default ${DEFAULT-VALUE}.")
                    int examples,
            @Option(names = "--json", description = "One JSON object.") boolean json) {
        if (examples < 0 || examples > MOST_EXAMPLES) {
            throw new UserException("--examples is " + examples + "; it may be 0 to " + MOST_EXAMPLES);
        }
        DataReport report = DataReport.of(task, folder, examples);
        if (json) {
            out().println(JsonText.of(report));
        } else {
            DataText.print(report, out());
        }
        return ExitCodes.OK;
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            header = "Compares rows and checksums with those of the published files.",
            description =
                    "Exit code 2 if a file is changed. A missing file is told, and no fault: few need all of GLUE.",
            footer = {
                "",
                "Examples:",
                "  lora4j data verify --data-dir glue",
                "  lora4j data verify CoLA RTE --data-dir glue --json",
            })
    int verify(
            @Parameters(arity = "0..*", paramLabel = "TASK", description = "Tasks; all of GLUE if none is named.")
                    @Nullable
                    List<String> tasks,
            @Option(
                            names = "--data-dir",
                            required = true,
                            paramLabel = "DIR",
                            description = "The folder with one folder per task.")
                    Path folder,
            @Option(names = "--json", description = "One JSON array.") boolean json) {
        List<GlueFile> files = tasks == null || tasks.isEmpty()
                ? GlueFiles.all()
                : tasks.stream()
                        .flatMap(task -> GlueFiles.of(task).stream())
                        .distinct()
                        .toList();
        List<GlueCheck.Result> results = GlueCheck.check(folder, files);
        if (json) {
            out().println(JsonText.of(results.stream().map(DataCommand::map).toList()));
        } else {
            Listing listing = new Listing();
            results.forEach(result -> listing.row(result.known().file(), word(result), detail(result)));
            listing.print(out(), "");
        }
        boolean changed = results.stream().anyMatch(result -> result.state() == GlueCheck.State.CHANGED);
        return changed ? ExitCodes.USAGE : ExitCodes.OK;
    }

    @Command(
            name = "fetch",
            mixinStandardHelpOptions = true,
            header = "Downloads a task's files, and takes them only if they are the published ones.",
            description = {
                "An interrupted download goes on at the next try. Files that are there already are kept.",
                "GLUE's tasks have terms of their own: read them before you use the files."
            },
            footer = {"", "Examples:", "  lora4j data fetch CoLA RTE --data-dir glue"})
    int fetch(
            @Parameters(arity = "1..*", paramLabel = "TASK", description = "Tasks of GLUE, or AX.") List<String> tasks,
            @Option(
                            names = "--data-dir",
                            required = true,
                            paramLabel = "DIR",
                            description = "The folder with one folder per task; made if it does not exist.")
                    Path folder,
            @Option(
                            names = "--from",
                            paramLabel = "URL",
                            defaultValue = GlueFetch.OFFICIAL,
                            description = "Where the archives are, by default ${DEFAULT-VALUE}.")
                    String from) {
        URI server;
        try {
            server = new URI(from.endsWith("/") ? from : from + "/");
        } catch (URISyntaxException e) {
            throw new UserException("--from is no address: " + from, e);
        }
        tasks.forEach(GlueFiles::of); // a misspelt task is told before anything is downloaded
        for (String task : tasks) {
            spec.commandLine().getErr().println("fetching " + task);
            spec.commandLine().getErr().flush();
            boolean fetched = GlueFetch.fetch(task, folder, server);
            out().println(task + (fetched ? ": fetched" : ": there already"));
            out().flush();
        }
        return ExitCodes.OK;
    }

    private static String word(GlueCheck.Result result) {
        return switch (result.state()) {
            case FINE, ROWS_FINE -> "fine";
            case MISSING -> "missing";
            case CHANGED -> "CHANGED";
        };
    }

    private static String detail(GlueCheck.Result result) {
        GlueFile known = result.known();
        String rows = String.format(Locale.ROOT, "%,d rows", result.rows());
        return switch (result.state()) {
            case FINE -> rows + ", checksum as published";
            case ROWS_FINE -> rows + " as published; its checksum is not known";
            case MISSING -> String.format(Locale.ROOT, "the published file has %,d rows", known.rows());
            case CHANGED ->
                rows
                        + (result.rows() == known.rows()
                                ? " as published, but another checksum: "
                                : String.format(
                                        Locale.ROOT, " where the published file has %,d; sha256 ", known.rows()))
                        + result.sha256();
        };
    }

    private static Map<String, Object> map(GlueCheck.Result result) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("task", result.known().task());
        map.put("file", result.known().file());
        map.put("state", result.state().name().toLowerCase(Locale.ROOT));
        map.put("published_rows", result.known().rows());
        map.put("rows", result.state() == GlueCheck.State.MISSING ? null : result.rows());
        map.put("published_sha256", result.known().sha256());
        map.put("sha256", result.sha256());
        return map;
    }
}
