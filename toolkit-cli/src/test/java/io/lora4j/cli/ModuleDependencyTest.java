package io.lora4j.cli;

import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The modules' dependencies, by package: cli -&gt; recipes -&gt; { models, datasets } -&gt; core, and who may touch the process and its
 * streams.
 */
class ModuleDependencyTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final List<String> CORE = List.of(
            "error",
            "blas",
            "adapter",
            "network",
            "init",
            "gradient",
            "linalg",
            "kernel",
            "optim",
            "train",
            "eval",
            "parallel");

    private static JavaClasses classes;

    @BeforeAll
    static void readClasses() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.lora4j");
    }

    private static String[] corePackages() {
        return CORE.stream().map(name -> "io.lora4j." + name + "..").toArray(String[]::new);
    }

    @Test
    void modulesDependDownwardsOnly() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("cli")
                .definedBy("io.lora4j.cli..")
                .layer("recipes")
                .definedBy("io.lora4j.recipes..")
                .layer("models")
                .definedBy("io.lora4j.models..")
                .layer("datasets")
                .definedBy("io.lora4j.datasets..")
                .layer("core")
                .definedBy(corePackages())
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("recipes")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("models")
                .mayOnlyBeAccessedByLayers("recipes", "cli")
                .whereLayer("datasets")
                .mayOnlyBeAccessedByLayers("recipes", "cli")
                .check(classes);
    }

    /** A package the rules above do not know would escape them. */
    @Test
    void everyPackageBelongsToAModule() {
        Set<String> known = new TreeSet<>(CORE);
        known.addAll(List.of("cli", "recipes", "models", "datasets"));
        Set<String> found = classes.stream()
                .map(c -> c.getPackageName().split("\\.", -1)[2])
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(known, found);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"io.lora4j.(*)..", "io.lora4j.models.(**)", "io.lora4j.recipes.(**)", "io.lora4j.datasets.(**)"})
    void packagesHaveNoCycles(String packages) {
        slices().matching(packages)
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(classes);
    }

    @Test
    void onlyTheCommandLinePrints() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.lora4j.cli..")
                .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
                .check(classes);
    }

    @Test
    void onlyMainEndsTheProcess() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(Main.class.getName())
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .check(classes);
    }

    @Test
    void adaptersKnowNoFiles() {
        noClasses()
                .that()
                .resideInAPackage("io.lora4j.adapter..")
                .should()
                .dependOnClassesThat(are(inputOrOutput()))
                .check(classes);
    }

    private static DescribedPredicate<JavaClass> inputOrOutput() {
        return DescribedPredicate.describe(
                "classes for files and streams",
                c -> c.getPackageName().startsWith("java.nio.file")
                        || (c.getPackageName().equals("java.io")
                                && !Set.of("Serializable", "ObjectStreamException")
                                        .contains(c.getSimpleName())));
    }

    /** Everything in io.lora4j: none of our classes hides in the packages of ND4J or Deeplearning4j, whose later versions have an adapter API. */
    @Test
    void everySourceFileIsInOurPackages() throws IOException {
        int sources = 0;
        for (String module : List.of("toolkit-core", "toolkit-models", "datasets", "recipes", "toolkit-cli")) {
            Path source = ROOT.resolve(module).resolve("src/main/java");
            try (Stream<Path> files = Files.walk(source)) {
                List<Path> java =
                        files.filter(file -> file.toString().endsWith(".java")).toList();
                java.forEach(file ->
                        assertTrue(source.relativize(file).startsWith(Path.of("io", "lora4j")), file::toString));
                sources += java.size();
            }
        }
        assertTrue(sources >= 50, "source files found: " + sources);
    }
}
