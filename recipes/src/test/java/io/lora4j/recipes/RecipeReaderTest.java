package io.lora4j.recipes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import io.lora4j.datasets.BundledTask;
import io.lora4j.datasets.DataFormat;
import io.lora4j.datasets.GlueTask;
import io.lora4j.init.LoraGaInit;
import io.lora4j.init.Refill;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.recipes.method.Composition;
import io.lora4j.recipes.method.DoraSettings;
import io.lora4j.recipes.method.HeadOnlySettings;
import io.lora4j.recipes.method.LoraFaSettings;
import io.lora4j.recipes.method.LoraGaSettings;
import io.lora4j.recipes.method.LoraOneSettings;
import io.lora4j.recipes.method.LoraPlusSettings;
import io.lora4j.recipes.method.LoraSettings;
import io.lora4j.recipes.method.MethodSettings;
import io.lora4j.recipes.method.Methods;
import io.lora4j.recipes.method.OneStepSettings;
import io.lora4j.recipes.method.PLoraSettings;
import io.lora4j.recipes.method.PissaSettings;
import io.lora4j.recipes.method.Preconditioning;
import io.lora4j.recipes.method.Preconditioning.Form;
import io.lora4j.recipes.method.RsLoraSettings;
import io.lora4j.recipes.schema.RecipeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipeReaderTest {
    private static final String SMALL = """
            model: all-minilm-l6-v2
            task: paraphrase
            methods: [lora]
            train: {learning_rate: 1e-3}
            """;
    private static final String FULL = """
            name: full
            description: "every key: none at its default"
            model: {name: all-minilm-l6-v2, pooling: mean, max_length: 64}
            task:
              name: mine
              format: csv
              train: a.csv
              dev: b.csv
              header: false
              text: [0, 2]
              label: 1
              labels: [NO, "1", yes]
            data: {dir: files, max_train_samples: 100, max_eval_samples: 50}
            methods:
              - {name: head-only, label: head, learning_rate: [1e-2, 2e-2]}
              - {name: lora, label: LoRA (r 4), learning_rate: 5E-4}
              - {name: lora-plus, ratio: 8}
              - {name: lora-ga, direction: a2rbr, scale: unit, gamma: 64.5}
              - {name: lora-ga, label: peft, form: peft, direction: random, scale: weight-svd, refill: none}
              - {name: lora-one, gamma: 8}
              - {name: lora-one, label: talk, variant: talk, damping: 1e-4}
              - {name: lora-one, label: spectral, variant: spectral, preconditioner: peft}
              - {name: p-lora, preconditioner: authors}
              - {name: p-lora, label: damped, damping: 4.5}
              - {name: p-lora, label: scaled GD, optimizer: sgd}
              - {name: lora, label: gaussian, init: gaussian, scaling: standard}
              - {name: lora-one, label: all of it, preconditioner: peft, ratio: 16, weight_form: dora, scaling: rslora}
              - {name: pissa, label: PiSSA + DoRA, weight_form: dora}
              - {name: lora-fa, label: nothing said, preconditioner: none, ratio: 1, optimizer: adamw}
              - rslora
              - dora
              - {name: one-step, scope: rank}
              - zero-step
              - full
              - pissa
              - olora
              - eva
              - lora-fa
              - lora-pro
            adapter: {rank: 4, alpha: 32, scaling: rslora, dropout: 0.05, targets: [query, value]}
            gradient: {examples: 64, sample: first, chunk: 16, dropout: false, accumulation: float64, head_warmup_steps: 3}
            train:
              learning_rate: [.001, 2e-3]
              steps: 70
              batch: 16
              micro_batch: 4
              length_group: 1
              schedule: cosine
              warmup_steps: 7
              weight_decay: 0.01
              max_grad_norm: 0
              dropout: 0.2
              seeds: [3, -4]
            eval: {each: end, batch: 8}
            """;

    private static final MethodSettings LORA = new LoraSettings(LoraSettings.Init.KAIMING, Composition.PLAIN);

    @TempDir
    private Path folder;

    private Recipe read(String yaml, String... overrides) throws IOException {
        Path file = Files.writeString(folder.resolve("small.yaml"), yaml);
        return RecipeReader.read(file, List.of(overrides), Path.of("/elsewhere"));
    }

    @Test
    void fillsInTheDefaults() throws IOException {
        Recipe recipe = read(SMALL);
        assertEquals("small", recipe.name());
        assertEquals(new Recipe.ModelChoice("all-MiniLM-L6-v2", Pooling.CLS, 128), recipe.model());
        assertEquals(new Recipe.TaskChoice.Bundled(BundledTask.PARAPHRASE), recipe.task());
        assertEquals(new Recipe.DataChoice(null, null, null, 0), recipe.data());
        assertEquals(
                List.of(
                        new Recipe.MethodChoice("head-only", new HeadOnlySettings(), List.of(0.01)),
                        new Recipe.MethodChoice("lora", LORA, List.of(0.001))),
                recipe.methods());
        assertEquals(new Recipe.AdapterChoice(8, 16, Scaling.STANDARD, 0, List.of()), recipe.adapter());
        assertEquals(
                new Recipe.GradientChoice(256, Recipe.Sample.RANDOM, 32, true, Recipe.Accumulation.FLOAT32, 0),
                recipe.gradient());
        assertEquals(
                new Recipe.TrainChoice(
                        List.of(0.001),
                        1,
                        0,
                        32,
                        0,
                        32,
                        20,
                        Recipe.Schedule.LINEAR,
                        0.06,
                        null,
                        0,
                        1,
                        null,
                        List.of(1L)),
                recipe.train());
        assertEquals(new Recipe.EvalChoice(Recipe.Each.EPOCH, null, 2048), recipe.eval());
    }

    @Test
    void readsEveryKey() throws IOException {
        Recipe recipe = read(FULL);
        assertEquals(folder.toAbsolutePath().resolve("files"), recipe.data().dir());
        Recipe.TaskChoice.OwnFiles task = (Recipe.TaskChoice.OwnFiles) recipe.task();
        assertEquals(DataFormat.CSV, task.spec().format());
        assertEquals(List.of("NO", "1", "yes"), task.spec().labels());
        assertEquals(
                List.of("head", "LoRA (r 4)", "lora-plus", "lora-ga", "peft", "lora-one", "talk", "spectral", "p-lora"),
                recipe.methods().stream()
                        .map(Recipe.MethodChoice::label)
                        .limit(9)
                        .toList());
        assertEquals(List.of(5e-4), recipe.methods().get(1).learningRates());
        assertEquals(
                new LoraPlusSettings(Composition.PLAIN.withRatio(8)),
                recipe.methods().get(2).settings());
        assertEquals(List.of(0.001, 0.002), recipe.methods().get(2).learningRates());
        assertEquals(List.of(3L, -4L), recipe.train().seeds());
    }

    /** What a key is when it is not given depends on the method's version. */
    @Test
    void settingsOfTheMethodsVersions() throws IOException {
        Map<String, MethodSettings> settings = new HashMap<>();
        read(FULL).methods().forEach(method -> settings.put(method.label(), method.settings()));
        assertEquals(
                new LoraGaSettings(
                        LoraGaSettings.Form.PEFT,
                        LoraGaInit.Direction.RANDOM,
                        LoraGaSettings.Scale.WEIGHT_SVD,
                        16,
                        Refill.NONE,
                        Composition.PLAIN),
                settings.get("peft"));
        assertEquals(
                new LoraOneSettings(
                        LoraOneSettings.Variant.TALK, 16, Refill.KAIMING, preconditioned(Form.AUTHORS, 1e-4)),
                settings.get("talk"));
        assertEquals(
                new LoraOneSettings(
                        LoraOneSettings.Variant.SPECTRAL, 0.01, Refill.KAIMING, preconditioned(Form.PEFT, 0.01)),
                settings.get("spectral"));
        assertEquals(new PLoraSettings(preconditioned(Form.AUTHORS, 1e-6)), settings.get("p-lora"));
        assertEquals(new PLoraSettings(preconditioned(Form.PEFT, 4.5)), settings.get("damped"));
        assertEquals(new OneStepSettings(OneStepSettings.Scope.RANK), settings.get("one-step"));
        assertEquals(25, settings.size());
    }

    @Test
    void partsCombineFreely() throws IOException {
        Map<String, MethodSettings> settings = new HashMap<>();
        read(FULL).methods().forEach(method -> settings.put(method.label(), method.settings()));
        assertEquals(
                new PLoraSettings(preconditioned(Form.PEFT, 0.01).with(Composition.Optimizer.SGD)),
                settings.get("scaled GD"));
        assertEquals(
                new LoraSettings(LoraSettings.Init.GAUSSIAN, Composition.PLAIN.with(Scaling.STANDARD)),
                settings.get("gaussian"));
        assertEquals(
                new LoraOneSettings(
                        LoraOneSettings.Variant.FINAL,
                        128,
                        Refill.KAIMING,
                        preconditioned(Form.PEFT, 0.01)
                                .withRatio(16)
                                .with(Scaling.RSLORA)
                                .with(WeightForm.DORA)),
                settings.get("all of it"));
        assertEquals(new PissaSettings(Composition.PLAIN.with(WeightForm.DORA)), settings.get("PiSSA + DoRA"));
        assertEquals(new LoraFaSettings(Composition.PLAIN), settings.get("nothing said"));
        assertEquals(new RsLoraSettings(Composition.PLAIN.with(Scaling.RSLORA)), settings.get("rslora"));
        assertEquals(new DoraSettings(Composition.PLAIN.with(WeightForm.DORA)), settings.get("dora"));
    }

    private static Composition preconditioned(Form form, double damping) {
        return Composition.PLAIN.with(new Preconditioning(form, damping));
    }

    /** Nothing is stepped, so no rate is needed and none is written out. */
    @Test
    void methodsWithoutStepsNeedNoRate() throws IOException {
        Recipe recipe = read(SMALL, "~train.learning_rate", "methods=[zero-step, one-step]");
        assertEquals(
                List.of(List.of(0.01), List.of(0.0), List.of(0.0)),
                recipe.methods().stream()
                        .map(Recipe.MethodChoice::learningRates)
                        .toList());
        Path echo = Files.writeString(folder.resolve("echo.yaml"), recipe.toYaml());
        assertEquals(recipe, RecipeReader.read(echo, List.of()));
    }

    /** Every plan is made of parts that accept its settings. */
    @Test
    void everyMethodHasAPlanAndASource() throws IOException {
        Set<String> seen = new HashSet<>();
        for (Recipe.MethodChoice method : read(FULL).methods()) {
            assertNotNull(method.settings().plan());
            assertFalse(method.settings().type().source().isBlank());
            seen.add(method.settings().type().name());
        }
        assertEquals(Methods.byName().keySet(), seen);
    }

    /** The resolved recipe of a run directory is a recipe; a key that the echo forgets would change it. */
    @Test
    void anEchoReadsBackToAnEqualRecipe() throws IOException {
        for (String yaml : List.of(SMALL, FULL)) {
            Recipe recipe = read(yaml);
            Path echo = Files.writeString(folder.resolve("echo.yaml"), recipe.toYaml());
            assertEquals(recipe, RecipeReader.read(echo, List.of()));
        }
    }

    @Test
    void overridesAreTypedBySchema() throws IOException {
        Recipe recipe = read(
                SMALL,
                "train.epochs=3",
                "train.seeds=[1, 2, 3]",
                "model.pooling=mean",
                "adapter.targets=query",
                "description=a = b, [c]",
                "task=SST-2",
                "data.dir=../glue",
                "methods=[lora, {name: lora-one, gamma: 64}]",
                "methods.lora-one.gamma=8",
                "methods.0.learning_rate=[1e-4, 2e-4]");
        assertEquals(3, recipe.train().epochs());
        assertEquals(List.of(1L, 2L, 3L), recipe.train().seeds());
        assertEquals(new Recipe.ModelChoice("all-MiniLM-L6-v2", Pooling.MEAN, 128), recipe.model());
        assertEquals(List.of("query"), recipe.adapter().targets());
        assertEquals("a = b, [c]", recipe.description());
        assertEquals(new Recipe.TaskChoice.Glue(GlueTask.SST_2), recipe.task());
        assertEquals(Path.of("/glue"), recipe.data().dir());
        assertEquals(
                new LoraOneSettings(LoraOneSettings.Variant.FINAL, 8, Refill.KAIMING, Composition.PLAIN),
                recipe.methods().get(2).settings());
        assertEquals(List.of(1e-4, 2e-4), recipe.methods().get(1).learningRates());
    }

    /** Typing train.steps over a recipe with epochs is what a user does for a short try. */
    @Test
    void anOverrideReplacesTheFilesAlternative() throws IOException {
        Recipe steps = read(FULL.replace("steps: 70", "epochs: 7"), "train.steps=20");
        assertEquals(20, steps.train().steps());
        assertEquals(0, steps.train().epochs());
        Recipe epochs = read(FULL, "train.epochs=2");
        assertEquals(0, epochs.train().steps());
        assertEquals(2, epochs.train().epochs());
    }

    @Test
    void anOverrideRemovesAKey() throws IOException {
        Recipe recipe = read(FULL, "~train.steps", "~train.dropout", "~data.max_train_samples", "~methods.head");
        assertEquals(0, recipe.train().steps());
        assertEquals(1, recipe.train().epochs());
        assertNull(recipe.train().dropout());
        assertNull(recipe.data().maxTrainSamples());
        assertEquals(25, recipe.methods().size());
        assertEquals("head-only", recipe.methods().get(0).label());
    }

    @Test
    void laterOverridesWin() throws IOException {
        assertEquals(8, read(SMALL, "train.batch=16", "train.batch=8").train().batch());
    }

    @Test
    void wrongOverridesAreToldTogetherWithTheFile() {
        RecipeException e = assertThrows(
                RecipeException.class,
                () -> read(
                        SMALL + "evil: true\n",
                        "train.epoch=3",
                        "train.batch=many",
                        "rank=4",
                        "train.steps",
                        "~train.dropout",
                        "~train.batch=3",
                        "=3",
                        "train..batch=3",
                        "methods.lora-one.gamma=3",
                        "methods.1=lora",
                        "train.seeds=[1, 2"));
        assertEquals("""
                small.yaml has 12 problems:
                  small.yaml:5: unknown key "evil"; did you mean "eval"?
                  command line: train.steps: write KEY=VALUE to set a key, ~KEY to remove one, e.g. train.batch=16 or ~train.steps
                  command line: ~train.dropout: the recipe has no key train.dropout to remove
                  command line: ~train.batch=3: write KEY=VALUE to set a key, ~KEY to remove one, e.g. train.batch=16 or ~train.steps
                  command line: =3: write KEY=VALUE to set a key, ~KEY to remove one, e.g. train.batch=16 or ~train.steps
                  command line: train..batch=3: write KEY=VALUE to set a key, ~KEY to remove one, e.g. train.batch=16 or ~train.steps
                  command line: methods.lora-one.gamma=3: the list methods has no item "lora-one"; it has 1 (0 is the first): lora
                  command line: methods.1=lora: the list methods has no item "1"; it has 1 (0 is the first): lora
                  command line: train.seeds=[1, 2: not YAML: expected ',' or ']', but got <stream end> (column 6)
                  command line: rank=4: unknown key "rank"; it belongs under adapter:
                  command line: train.epoch=3: unknown key "epoch" in train; did you mean "epochs"?
                  command line: train.batch=many: train.batch must be a whole number from 1 to 65536, not "many"
                """.strip(), e.getMessage().replace(folder + "/", ""));
    }

    @Test
    void ownFilesLieBesideTheRecipeUnlessDataDirSaysOtherwise() throws IOException {
        Recipe recipe = read(FULL, "~data.dir");
        assertEquals(folder.toAbsolutePath(), recipe.data().dir());
    }
}
