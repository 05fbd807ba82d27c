package io.lora4j.cli;

import io.lora4j.models.ModelCatalog;
import io.lora4j.models.ModelDetails;
import io.lora4j.models.ModelStore;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** {@code lora4j models}: the pre-trained encoders, their places and their checksums. */
@Command(
        name = "models",
        mixinStandardHelpOptions = true,
        header = "Lists, fetches, imports, describes and checks pre-trained encoders.",
        description = {
            "MODEL is a short name (lora4j models ls), maven:GROUP:ARTIFACT:VERSION, hf:ORGANISATION/NAME@REVISION, or the path"
                    + " of a Hugging Face folder. Maven's repositories, mirrors and proxies are those of your settings.xml; the"
                    + " hub's cache and token are those of HF_HOME, HF_HUB_CACHE, HF_TOKEN, HF_ENDPOINT and HF_HUB_OFFLINE."
        },
        footer = {
            "",
            "Examples:",
            "  lora4j models ls",
            "  lora4j models pull bge-small-en-v1.5",
            "  lora4j models show bert-base-uncased",
            "  lora4j models import encoder.onnx my-encoder --tokenizer tokenizer.json",
            "  lora4j models verify",
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class ModelsCommand implements Runnable {
    private final Path home;

    @Spec
    private CommandSpec spec;

    private ModelsCommand(Path home) {
        this.home = home;
    }

    /**
     * The command with its verbs.
     *
     * @param home the cache's root
     */
    static CommandLine commandLine(Path home) {
        return new CommandLine(new ModelsCommand(home));
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "a verb is missing: ls, pull, import, show or verify");
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    @Command(
            name = "ls",
            mixinStandardHelpOptions = true,
            header = "Lists the known models and what the cache has.",
            footer = {"", "Examples:", "  lora4j models ls", "  lora4j models ls --json"})
    int list(@Option(names = "--json", description = "One JSON array.") boolean json) {
        if (json) {
            out().println(JsonText.of(new ModelCatalog(home)
                    .list().stream().map(ModelsCommand::map).toList()));
            return ExitCodes.OK;
        }
        Listing listing = new Listing();
        for (ModelCatalog.Entry entry : new ModelCatalog(home).list()) {
            Path cached = entry.cached();
            listing.row(
                    entry.name(),
                    entry.licence() == null ? "-" : entry.licence(),
                    cached == null ? "to be fetched, " + entry.megabytes() + " MB" : cached.toString(),
                    entry.origin());
        }
        listing.print(out(), "");
        return ExitCodes.OK;
    }

    @Command(
            name = "pull",
            mixinStandardHelpOptions = true,
            header = "Fetches models that are not on this machine yet, and prints their folders.",
            footer = {
                "",
                "Examples:",
                "  lora4j models pull bge-small-en-v1.5",
                "  lora4j models pull hf:google/electra-small-discriminator@main",
            })
    int pull(@Parameters(arity = "1..*", paramLabel = "MODEL", description = "What to fetch.") List<String> names) {
        ModelStore store = new ModelStore(home);
        for (String name : names) {
            if (store.cached(name) == null) {
                spec.commandLine().getErr().println("fetching " + name);
                spec.commandLine().getErr().flush();
            }
            out().println(store.resolve(name));
        }
        return ExitCodes.OK;
    }

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            header = "Turns an ONNX export or a TensorFlow SavedModel of a BERT into a Hugging Face folder.",
            description =
                    "SOURCE is an .onnx file, a folder, or a JAR or ZIP file that holds the model. Never overwrites.",
            footer = {
                "",
                "Examples:",
                "  lora4j models import encoder.onnx my-encoder --tokenizer tokenizer.json",
                "  lora4j models import saved-model.zip my-encoder",
            })
    int importModel(
            @Parameters(index = "0", paramLabel = "SOURCE", description = "What to import.") Path source,
            @Parameters(index = "1", paramLabel = "DEST", description = "A folder that does not exist yet.")
                    Path target,
            @Option(
                            names = "--tokenizer",
                            paramLabel = "FILE",
                            description = "The tokenizer.json of an .onnx file; the one beside it if left out.")
                    @Nullable
                    Path tokenizer) {
        Path folder = ModelCatalog.importTo(source, tokenizer, target);
        out().println("imported to " + folder + "; use it with: model.name=" + folder);
        return ExitCodes.OK;
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            header = "Describes a model: architecture, sizes, weights, source, checksum, licence.",
            footer = {
                "",
                "Examples:",
                "  lora4j models show all-MiniLM-L6-v2",
                "  lora4j models show my-encoder --json",
            })
    int show(
            @Parameters(paramLabel = "MODEL", description = "A model on this machine.") String name,
            @Option(names = "--json", description = "One JSON object.") boolean json) {
        ModelDetails model = new ModelCatalog(home).details(name);
        if (json) {
            out().println(JsonText.of(map(model)));
            return ExitCodes.OK;
        }
        Listing listing = new Listing();
        listing.row("name", model.name());
        listing.row("architecture", model.architecture());
        model.sizes().forEach((key, value) -> listing.row(key, value));
        listing.row("dtype", String.join(", ", model.dataTypes()));
        listing.row("parameters", String.format(Locale.ROOT, "%,d in %d tensors", model.parameters(), model.tensors()));
        listing.row("weights", String.format(Locale.ROOT, "%,d bytes", model.bytes()));
        listing.row("sha256", model.sha256());
        listing.row("licence", model.licence() == null ? "not known" : model.licence());
        listing.row("source", model.source() == null ? "a folder as it is" : model.source());
        listing.row("folder", model.folder().toString());
        listing.print(out(), "");
        return ExitCodes.OK;
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            header = "Takes all checksums again, checks headers, and that every weight is a number.",
            description = "Exit code 2 if a file is damaged or changed.",
            footer = {"", "Examples:", "  lora4j models verify", "  lora4j models verify my-encoder --json"})
    int verify(
            @Parameters(
                            arity = "0..*",
                            paramLabel = "MODEL",
                            description = "Models on this machine; everything in the cache if none is named.")
                    @Nullable
                    List<String> names,
            @Option(names = "--json", description = "One JSON array.") boolean json) {
        ModelCatalog catalog = new ModelCatalog(home);
        List<String> chosen = names == null || names.isEmpty() ? cached(catalog) : names;
        int code = ExitCodes.OK;
        List<Map<String, Object>> results = new ArrayList<>();
        for (String name : chosen) {
            List<String> problems = catalog.verify(name);
            if (json) {
                Map<String, Object> result = new LinkedHashMap<>();
                result.put("model", name);
                result.put("problems", problems);
                results.add(result);
                code = problems.isEmpty() ? code : ExitCodes.USAGE;
                continue;
            }
            if (problems.isEmpty()) {
                out().println(name + ": ok");
                continue;
            }
            code = ExitCodes.USAGE;
            problems.forEach(problem -> spec.commandLine().getErr().println("lora4j: " + name + ": " + problem));
            spec.commandLine().getErr().flush();
        }
        if (json) {
            out().println(JsonText.of(results));
        }
        return code;
    }

    private static List<String> cached(ModelCatalog catalog) {
        return catalog.list().stream()
                .filter(entry -> entry.cached() != null)
                .map(entry -> entry.cached().toString())
                .toList();
    }

    private static Map<String, Object> map(ModelCatalog.Entry entry) {
        Path cached = entry.cached();
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", entry.name());
        map.put("folder", cached == null ? null : cached.toString());
        map.put("megabytes_to_fetch", cached == null ? entry.megabytes() : 0);
        map.put("licence", entry.licence());
        map.put("origin", entry.origin());
        return map;
    }

    private static Map<String, Object> map(ModelDetails model) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", model.name());
        map.put("folder", model.folder().toString());
        map.put("architecture", model.architecture());
        map.put("sizes", model.sizes());
        map.put("data_types", model.dataTypes());
        map.put("tensors", model.tensors());
        map.put("parameters", model.parameters());
        map.put("bytes", model.bytes());
        map.put("sha256", model.sha256());
        map.put("licence", model.licence());
        map.put("source", model.source());
        return map;
    }
}
