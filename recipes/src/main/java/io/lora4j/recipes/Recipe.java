package io.lora4j.recipes;

import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import io.lora4j.datasets.BundledTask;
import io.lora4j.datasets.GlueTask;
import io.lora4j.datasets.TaskSpec;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.recipes.method.MethodSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A comparison as it is run: every default filled in, every value checked. Immutable; equal recipes train equally.
 *
 * @param name what run directories are called after; letters, digits, {@code . _ -}
 * @param description one line for listings; empty if there is none
 * @param model the encoder
 * @param task the task
 * @param data where its files are and how much of them is used
 * @param methods what is compared, in the order of the table; labels differ
 * @param adapter where adapters go and how large they are
 * @param gradient how gradients are estimated for the methods that start from one
 * @param train the budget, shared by all methods
 * @param eval when and how the dev set is looked at
 * @param diagnostics what is written down of gradients and adapters beside the scores
 */
public record Recipe(
        String name,
        String description,
        ModelChoice model,
        TaskChoice task,
        DataChoice data,
        List<MethodChoice> methods,
        AdapterChoice adapter,
        GradientChoice gradient,
        TrainChoice train,
        EvalChoice eval,
        DiagnosticsChoice diagnostics) {
    /** Copies the list. */
    public Recipe {
        methods = List.copyOf(methods);
    }

    /**
     * The recipe as a recipe file would have it, with every default; paths are absolute.
     *
     * @return a new map of maps, lists, texts, numbers and truth values, in the schema's order
     */
    public Map<String, Object> toMap() {
        return RecipeEcho.toMap(this);
    }

    /**
     * The recipe as YAML; {@link RecipeReader} reads it back to an equal recipe.
     *
     * @return text that ends with a line break
     */
    public String toYaml() {
        return RecipeEcho.toYaml(this);
    }

    /**
     * This recipe with other methods.
     *
     * @param changed what is compared; labels differ
     * @return a new recipe
     */
    public Recipe withMethods(List<MethodChoice> changed) {
        return new Recipe(name, description, model, task, data, changed, adapter, gradient, train, eval, diagnostics);
    }

    /**
     * This recipe with another budget.
     *
     * @param changed the budget
     * @return a new recipe
     */
    public Recipe withTrain(TrainChoice changed) {
        return new Recipe(name, description, model, task, data, methods, adapter, gradient, changed, eval, diagnostics);
    }

    /**
     * This recipe on a part of the training set, evaluated on the rest of it.
     *
     * @param share what is held out, above 0 and below 1
     * @return a new recipe
     */
    public Recipe withHoldout(double share) {
        DataChoice held = new DataChoice(data.dir(), data.maxTrainSamples(), data.maxEvalSamples(), share);
        return new Recipe(name, description, model, task, held, methods, adapter, gradient, train, eval, diagnostics);
    }

    /**
     * The encoder.
     *
     * @param name a known name, or the absolute path of a Hugging Face folder
     * @param pooling what the classifier sees: the first token through the model's own head, the first token as it is, or the mean over
     *     all tokens
     * @param maxLength the most tokens of an example, special tokens included
     */
    public record ModelChoice(String name, Pooling pooling, int maxLength) {}

    /** The task. */
    public sealed interface TaskChoice {
        /**
         * What results call it.
         *
         * @return the name
         */
        String name();

        /**
         * A task of GLUE; its files are not part of LoRA4J.
         *
         * @param task which
         */
        record Glue(GlueTask task) implements TaskChoice {
            @Override
            public String name() {
                return TaskType.plain(task.taskName());
            }
        }

        /**
         * A task that comes with LoRA4J.
         *
         * @param task which
         */
        record Bundled(BundledTask task) implements TaskChoice {
            @Override
            public String name() {
                return TaskType.plain(task.taskName());
            }
        }

        /**
         * Files of the user's own.
         *
         * @param spec files, columns and labels
         */
        record OwnFiles(TaskSpec spec) implements TaskChoice {
            @Override
            public String name() {
                return spec.name();
            }
        }
    }

    /**
     * Where the files are and how much of them is used.
     *
     * @param dir the folder, absolute; null if it was not given (and for bundled tasks)
     * @param maxTrainSamples only that many training examples, the first of the file; null for all
     * @param maxEvalSamples only that many dev examples, the first of the file; null for all
     * @param holdout the share of the training examples that is held out and evaluated on in the dev set's place, see {@link
     *     io.lora4j.datasets.HoldOut}; 0 for the dev set
     */
    public record DataChoice(
            @Nullable Path dir,
            @Nullable Integer maxTrainSamples,
            @Nullable Integer maxEvalSamples,
            double holdout) {
        /**
         * What is evaluated on, for captions.
         *
         * @return {@code dev} or {@code held-out}
         */
        public String evaluatedOn() {
            return holdout > 0 ? "held-out" : "dev";
        }
    }

    /**
     * One method of the comparison.
     *
     * @param label what tables call it; differs from all others'
     * @param settings the method and its settings
     * @param learningRates peak rates; each is a row of its own; only {@link #NO_RATE} for a method that takes none
     */
    public record MethodChoice(String label, MethodSettings settings, List<Double> learningRates) {
        /** In the place of the rate of a method that takes no optimiser steps. */
        public static final double NO_RATE = 0;

        /** Copies the list. */
        public MethodChoice {
            learningRates = List.copyOf(learningRates);
        }
    }

    /**
     * Where adapters go and how large they are.
     *
     * @param rank r
     * @param alpha the scaling's numerator
     * @param scaling how alpha and r give s, for methods that do not say it themselves
     * @param dropout probability with which an input of A is zeroed in training
     * @param targets names of linear maps; empty for all linear maps of every encoder layer, without the pooler
     */
    public record AdapterChoice(int rank, double alpha, Scaling scaling, double dropout, List<String> targets) {
        /** Copies the list. */
        public AdapterChoice {
            targets = List.copyOf(targets);
        }

        /**
         * Core's configuration.
         *
         * @param allLinear what an empty list of targets stands for
         * @param ownScaling the method's scaling; null for this section's
         * @param weightForm what an adapted layer computes with
         * @return a new configuration
         */
        public LoraConfig toLoraConfig(List<String> allLinear, @Nullable Scaling ownScaling, WeightForm weightForm) {
            List<String> names = targets.isEmpty() ? allLinear : targets;
            return LoraConfig.builder()
                    .rank(rank)
                    .alpha(alpha)
                    .scaling(ownScaling == null ? scaling : ownScaling)
                    .dropout(dropout)
                    .targetModules(names.toArray(String[]::new))
                    .weightForm(weightForm)
                    .build();
        }
    }

    /** Which training examples a gradient is estimated on. */
    public enum Sample {
        /** Drawn without replacement by the run's seed. */
        RANDOM,
        /** The first ones of the file, as the authors of LoRA-GA and LoRA-One do. */
        FIRST
    }

    /** The data type in which a gradient is summed. */
    public enum Accumulation {
        /** 32 bits. */
        FLOAT32,
        /** 64 bits. */
        FLOAT64
    }

    /**
     * How gradients are estimated.
     *
     * @param examples how many training examples
     * @param sample which
     * @param chunk the most examples at once; memory grows with it, the result does not depend on it but for rounding and dropout
     * @param dropout whether dropout is active, as in the authors' codes
     * @param accumulation the data type of the sums
     * @param headWarmupSteps optimiser steps for which the classifier alone is trained first; the estimate is then taken there
     */
    public record GradientChoice(
            int examples, Sample sample, int chunk, boolean dropout, Accumulation accumulation, int headWarmupSteps) {}

    /** How the learning rate goes on after warm-up. */
    public enum Schedule {
        /** Falls linearly to zero. */
        LINEAR,
        /** Falls to zero along half a cosine. */
        COSINE,
        /** Stays. */
        CONSTANT
    }

    /**
     * The budget.
     *
     * @param learningRates peak rates of the methods that name none of their own; empty if every method names its own
     * @param epochs times the training set is seen; 0 if steps are given
     * @param steps optimiser steps; 0 if epochs are given
     * @param batch examples per optimiser step; 0 if tokens are given
     * @param tokens tokens per optimiser step, met within an example's length; 0 if examples are given. The loss is the mean over the step's
     *     examples however many they are: an example among many short ones weighs less than one among few long ones, and a learning rate found
     *     for a batch fits the tokens of such a batch on average
     * @param microBatch the most examples at once; does not change the result but for rounding and dropout; 0 if tokens are given
     * @param lengthGroup batches per chunk that is sorted by length; 1 is a plain shuffle
     * @param schedule how the rate goes on after warm-up
     * @param warmupRatio the part of all steps over which the rate rises; ignored if steps are given
     * @param warmupSteps the steps over which the rate rises; null if the ratio counts
     * @param weightDecay decoupled weight decay of AdamW
     * @param maxGradNorm the global gradient norm is clipped to it; 0 for no clipping
     * @param dropout the encoder's dropout in training; null for that of its configuration
     * @param seeds each is a trial of its own
     */
    public record TrainChoice(
            List<Double> learningRates,
            int epochs,
            long steps,
            int batch,
            int tokens,
            int microBatch,
            int lengthGroup,
            Schedule schedule,
            double warmupRatio,
            @Nullable Long warmupSteps,
            double weightDecay,
            double maxGradNorm,
            @Nullable Double dropout,
            List<Long> seeds) {
        /** Copies the lists. */
        public TrainChoice {
            learningRates = List.copyOf(learningRates);
            seeds = List.copyOf(seeds);
        }

        /**
         * Another number of epochs or steps.
         *
         * @param newEpochs epochs; 0 if steps are given
         * @param newSteps optimiser steps; 0 if epochs are given
         * @return a new budget
         */
        public TrainChoice withBudget(int newEpochs, long newSteps) {
            return new TrainChoice(
                    learningRates,
                    newEpochs,
                    newSteps,
                    batch,
                    tokens,
                    microBatch,
                    lengthGroup,
                    schedule,
                    warmupRatio,
                    warmupSteps,
                    weightDecay,
                    maxGradNorm,
                    dropout,
                    seeds);
        }

        /**
         * Other seeds.
         *
         * @param newSeeds each is a trial of its own
         * @return a new budget
         */
        public TrainChoice withSeeds(List<Long> newSeeds) {
            return new TrainChoice(
                    learningRates,
                    epochs,
                    steps,
                    batch,
                    tokens,
                    microBatch,
                    lengthGroup,
                    schedule,
                    warmupRatio,
                    warmupSteps,
                    weightDecay,
                    maxGradNorm,
                    dropout,
                    newSeeds);
        }

        /**
         * What a step holds, for captions.
         *
         * @return {@code batch 32} or {@code 512 tokens}
         */
        public String describeStep() {
            return tokens > 0 ? tokens + " tokens" : "batch " + batch;
        }

        /**
         * Optimiser steps of a trial.
         *
         * @param stepsPerEpoch steps in one epoch
         * @return at least 1
         */
        public long totalSteps(int stepsPerEpoch) {
            return steps > 0 ? steps : (long) epochs * stepsPerEpoch;
        }

        /**
         * Steps over which the rate rises: the ratio is rounded up, as transformers does.
         *
         * @param totalSteps optimiser steps of the trial
         * @return 0 to {@code totalSteps}
         */
        public long warmup(long totalSteps) {
            return Math.min(totalSteps, warmupSteps != null ? warmupSteps : (long) Math.ceil(warmupRatio * totalSteps));
        }
    }

    /** When the dev set is evaluated. */
    public enum Each {
        /** After every epoch and at the end. */
        EPOCH,
        /** At the end only. */
        END
    }

    /**
     * Evaluation; nothing is chosen by it.
     *
     * @param each when
     * @param batch the most examples at once; null if tokens alone count
     * @param tokens the most tokens at once
     */
    public record EvalChoice(Each each, @Nullable Integer batch, int tokens) {}

    /**
     * What is written down of gradients and adapters beside the scores, into {@code diagnostics.jsonl}; changes no result.
     *
     * @param anglesEvery optimiser steps between two looks at the principal angles between adapters and gradients; 0 for none
     * @param singularValues how many singular values of each layer's gradient are kept, at most; 0 for no spectra
     */
    public record DiagnosticsChoice(int anglesEvery, int singularValues) {
        /** Nothing is written down. */
        public static final DiagnosticsChoice NONE = new DiagnosticsChoice(0, 0);
    }
}
