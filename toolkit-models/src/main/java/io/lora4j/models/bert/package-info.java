/**
 * BERT encoders as Deeplearning4j graphs on packed rows.
 *
 * <p>{@link io.lora4j.models.bert.BertConfig} reads a Hugging Face {@code config.json}; {@link io.lora4j.models.bert.BertGraph} makes
 * the configuration of a sequence classifier or of the bare encoder; {@code new ComputationGraph(configuration).init()} and
 * {@link io.lora4j.adapter.FrozenWeights#bindTo} make it work. Vertices are named as Hugging Face names modules ({@code
 * bert.encoder.layer.0.attention.self.query}), so a checkpoint's tensor names are vertex names, a dot and {@code weight} or {@code
 * bias}.
 *
 * <p>The graph's inputs are, in this order, {@code layout} [B, T] (1 for a token, 0 for padding, tokens first), {@code input_ids} and
 * {@code token_type_ids} [B, T]. The embeddings emit rows [N, H], one for each real token; everything after them computes on rows, and
 * attention and pooling take the layout as a second view of the batch. No padding is ever computed by a linear layer.
 *
 * <p>Full fine-tuning trains {@link io.lora4j.models.bert.BertGraph#trainableClassifier}, the same graph whose vertices hold their weights
 * in DL4J's parameter table; {@link io.lora4j.models.bert.TrainableWeights} copies pre-trained weights in and fine-tuned ones out.
 *
 * <p>A vertex is a configuration ({@link io.lora4j.models.bert.SelfAttention}) and its implementation (package-private, {@code
 * SelfAttentionVertex}). Rules all of them keep, because {@code ComputationGraph} needs them: inputs without a gradient come last;
 * gradients of two inputs are two arrays; results live in DL4J's workspaces for activations and activation gradients; what the
 * backward pass needs is kept in the activations' workspace and only in training. Dropout is inverted (kept values are divided by 1
 * - p), drawn from {@code Nd4j.getRandom()}, and off in inference.
 */
@NullMarked
package io.lora4j.models.bert;

import org.jspecify.annotations.NullMarked;
