/**
 * Pre-trained encoders as Deeplearning4j graphs on packed rows, whatever their family.
 *
 * <p>{@code io.lora4j.models.family.EncoderFamilies} reads a Hugging Face {@code config.json} to an {@link
 * io.lora4j.models.encoder.EncoderConfig}; {@link io.lora4j.models.encoder.EncoderGraph} makes the configuration of a sequence classifier, of its
 * head alone or of the bare encoder; {@code new ComputationGraph(configuration).init()} and
 * {@link io.lora4j.adapter.FrozenWeights#bindTo} make it work. Vertices are named as Hugging Face names modules ({@code
 * bert.encoder.layer.0.attention.self.query}), so a checkpoint's tensor names are vertex names, a dot and {@code weight} or {@code
 * bias}; {@link io.lora4j.models.encoder.EncoderTensors} lists them.
 *
 * <p>The graph's inputs are, in this order, {@code layout} [B, T] (1 for a token, 0 for padding, tokens first), {@code input_ids} and
 * {@code token_type_ids} [B, T]. The embeddings emit rows [N, H], one for each real token; everything after them computes on rows, and
 * attention and pooling take the layout as a second view of the batch. No padding is ever computed by a linear layer. In classifiers of the
 * first token {@link io.lora4j.models.encoder.FirstRows} stands before the last layer's query and residual sum: from there on there is one row
 * per sequence.
 *
 * <p>An {@link io.lora4j.models.encoder.EncoderFamily} says its layers once, to an {@link io.lora4j.models.encoder.EncoderBuilder}. Full fine-tuning
 * trains {@link io.lora4j.models.encoder.EncoderGraph#trainableClassifier}, the same graph whose vertices hold their weights in DL4J's
 * parameter table; {@link io.lora4j.models.encoder.TrainableWeights} copies pre-trained weights in and fine-tuned ones out.
 *
 * <p>A vertex is a configuration ({@link io.lora4j.models.encoder.SelfAttention}) and its implementation (package-private, {@code
 * SelfAttentionVertex}). Rules all of them keep, because {@code ComputationGraph} needs them: inputs without a gradient come last;
 * gradients of two inputs are two arrays; results live in DL4J's workspaces for activations and activation gradients; what the
 * backward pass needs is kept in the activations' workspace and only in training. Dropout is inverted (kept values are divided by 1
 * - p), drawn from {@code Nd4j.getRandom()}, and off in inference.
 */
@NullMarked
package io.lora4j.models.encoder;

import org.jspecify.annotations.NullMarked;
