package io.lora4j.recipes.run;

import io.lora4j.blas.BlasLibrary;
import io.lora4j.kernel.EncoderKernels;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.recipes.Recipe;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * All that an estimated gradient depends on, to the last bit: more than a trial's fingerprint, for it stands for a file on one machine. Two estimates
 * of one key are the same; where more is in it than is needed, a gradient is only estimated once more.
 */
final class GradientKey {
    private GradientKey() {}

    /**
     * The key of a seed's gradient.
     *
     * @return 64 hexadecimal digits
     */
    static String of(Workbench bench, long seed) {
        Recipe recipe = bench.recipe();
        Map<String, Object> echo = recipe.toMap();
        Map<String, Object> all = new TreeMap<>();
        all.put("numbers", TrialFingerprint.NUMBERS);
        all.put("model", bench.model().sha256());
        all.put("tokenizer", bench.model().tokenizer().sha256());
        all.put("pooling", recipe.model().pooling().name());
        all.put("max_length", recipe.model().maxLength());
        all.put("labels", bench.data().labels());
        all.put("outputs", bench.outputs());
        all.put("task", Objects.requireNonNull(echo.get("task")));
        all.put("files", new TreeMap<>(bench.data().sha256ByFile()));
        all.put("max_train_samples", String.valueOf(recipe.data().maxTrainSamples()));
        all.put("holdout", recipe.data().holdout());
        all.put("seed", seed);
        all.put("layers", List.copyOf(bench.targets()));
        all.put("gradient", Objects.requireNonNull(echo.get("gradient")));
        all.put("dropout", String.valueOf(recipe.train().dropout()));
        if (recipe.gradient().headWarmupSteps() > 0) {
            // The classifier's warm-up takes the recipe's batches and optimiser.
            all.put("train", recipe.train().withSeeds(List.of()).toString());
        }
        all.put("threads", GraphTwins.usefulThreads());
        all.put("kernels", EncoderKernels.get().toString());
        BlasLibrary blas = BlasLibrary.inUse();
        all.put("blas", blas.vendor() + " " + blas.version() + " " + blas.coreType());
        all.put("data_type", bench.dtype().name());
        return Json.sha256(all);
    }
}
