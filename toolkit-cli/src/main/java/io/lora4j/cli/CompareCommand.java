package io.lora4j.cli;

import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.recipes.comparability.Aspect;
import io.lora4j.recipes.report.HtmlReport;
import io.lora4j.recipes.results.RunFolders;
import io.lora4j.recipes.results.RunReader;
import io.lora4j.recipes.results.RunResults;
import io.lora4j.recipes.table.Comparison;
import io.lora4j.recipes.table.ComparisonText;
import io.lora4j.recipes.table.TableJson;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lora4j compare}: tables of finished runs, rebuilt from their files. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        header = "Builds the tables of finished runs from their files, side by side.",
        description = {
            "Runs that are alike but for their methods share a table. Runs of different tasks, ranks or other settings of"
                    + " adapters and gradients are columns of a table of methods, with a table of each below it. What differs in data,"
                    + " model, budget or code is refused, unless --allow says that it may.",
            "Needs recipe.yaml, provenance.json and the trials' result.json; predictions.tsv too, for the tests of differences.",
        },
        footer = {
            "",
            "Examples:",
            "  lora4j compare runs/mine                            its table again",
            "  lora4j compare runs/mrpc runs/cola --format latex   tasks as columns",
            "  lora4j compare runs --by train.epochs               epochs as columns",
            "  lora4j compare runs/a runs/b --allow code           of two commits",
            "  lora4j compare runs --html report.html              also a report to look at",
            "  lora4j compare runs/a --target 0.8 --json           seconds to 80 %%",
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class CompareCommand implements Callable<Integer> {
    /** How a comparison is written. */
    enum Format {
        /** For a terminal. */
        TEXT,
        /** Markdown. */
        MD,
        /** One table of comma-separated values. */
        CSV,
        /** LaTeX with booktabs. */
        LATEX,
        /** One JSON object. */
        JSON
    }

    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "DIR",
            description =
                    "Run directories, studies, or folders above them. Searches of a study count only if named themselves.")
    private List<Path> folders;

    @Option(names = "--format", paramLabel = "FORMAT", description = "text, md, csv, latex or json; by default text.")
    private @Nullable Format format;

    @Option(names = "--json", description = "The same as --format json.")
    private boolean json;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Writes into this file in place of standard output.")
    private @Nullable Path output;

    @Option(
            names = "--by",
            paramLabel = "KEY",
            description = "A key of the recipes whose values are columns of their own.")
    private @Nullable String by;

    @Option(
            names = "--allow",
            split = ",",
            paramLabel = "ASPECT",
            description =
                    "Lets runs of one table differ in data, model, budget or code; the table says in what they do.")
    private List<Aspect> allowed = List.of();

    @Option(
            names = "--target",
            paramLabel = "X",
            description =
                    "The score to which seconds are counted, 0.8 or 80%%; by default half the way from head-only to the best"
                            + " method.")
    private @Nullable String target;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description =
                    "Writes tables, learning curves and all other plots into one HTML file that needs nothing else.")
    private @Nullable Path html;

    @Option(
            names = "--plots",
            paramLabel = "FOLDER",
            description = "Writes the plots of --html into a folder, as SVG and PNG.")
    private @Nullable Path plots;

    private CompareCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /**
     * The command, with formats and aspects in either case.
     *
     * @param terminal what the streams are connected to
     * @return a new command
     */
    static CommandLine commandLine(Terminal terminal) {
        return new CommandLine(new CompareCommand(terminal)).setCaseInsensitiveEnumValuesAllowed(true);
    }

    @Override
    public Integer call() {
        Format chosen = chosen();
        Comparison.Options options = new Comparison.Options(by, aspects(), target());
        List<RunResults> runs =
                RunFolders.find(folders).stream().map(RunReader::read).toList();
        Comparison comparison = Comparison.of(runs, options);
        writeReport(comparison, runs);
        Path file = output;
        if (file != null) {
            String text = text(comparison, chosen, Integer.MAX_VALUE, false);
            AtomicFile.write(file, beside -> Files.writeString(beside, ended(text), StandardCharsets.UTF_8));
            return ExitCodes.OK;
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(ended(text(comparison, chosen, terminal.columns(), terminal.out() && terminal.colour())));
        out.flush();
        return ExitCodes.OK;
    }

    private void writeReport(Comparison comparison, List<RunResults> runs) {
        PrintWriter err = spec.commandLine().getErr();
        Path page = html;
        if (page != null) {
            HtmlReport.write(comparison, runs, page);
            err.println("report: " + page);
        }
        Path folder = plots;
        if (folder != null) {
            int files = HtmlReport.writePlots(runs, folder).size();
            err.println("plots: " + files + " files in " + folder);
        }
        err.flush();
    }

    private static String text(Comparison comparison, Format format, int columns, boolean colour) {
        return switch (format) {
            case TEXT -> ComparisonText.terminal(comparison, columns, colour);
            case MD -> ComparisonText.markdown(comparison);
            case CSV -> ComparisonText.csv(comparison);
            case LATEX -> ComparisonText.latex(comparison);
            case JSON -> JsonText.of(TableJson.of(comparison));
        };
    }

    private static String ended(String text) {
        return text.endsWith("\n") ? text : text + "\n";
    }

    private Format chosen() {
        if (json && format != null && format != Format.JSON) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--json and --format " + format.name().toLowerCase(Locale.ROOT) + " exclude each other");
        }
        return json ? Format.JSON : format == null ? Format.TEXT : format;
    }

    private Set<Aspect> aspects() {
        Set<Aspect> aspects = EnumSet.noneOf(Aspect.class);
        aspects.addAll(allowed);
        return aspects;
    }

    /** A fraction; a percentage is told by its sign, or by being above 1. */
    private @Nullable Double target() {
        String text = target;
        if (text == null) {
            return null;
        }
        try {
            boolean percent = text.endsWith("%");
            double value = Double.parseDouble(percent ? text.substring(0, text.length() - 1) : text);
            double fraction = percent || value > 1 ? value / 100 : value;
            if (fraction > 0 && fraction <= 1) {
                return fraction;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new UserException("--target is " + text + "; it is a score, as a fraction (0.8) or in percent (80%)");
    }
}
