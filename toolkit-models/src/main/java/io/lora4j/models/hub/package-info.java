/**
 * Models out of the Hugging Face hub, kept in its own cache.
 *
 * <p>The workflow: {@link io.lora4j.models.hub.HubModels#fetch} turns {@code org/name@revision} into a folder: it asks the hub which commit
 * the revision is and which files it has, downloads those a model is made of ({@link io.lora4j.models.hub.HubDownload}, resumable, each
 * checked against the hub's own checksum) into the cache that all Hugging Face programs share, and gives the commit's folder there. Only
 * safetensors weights are ever asked for. {@link io.lora4j.models.hub.PublicFile} downloads single files from anywhere else in the same way.
 */
@NullMarked
package io.lora4j.models.hub;

import org.jspecify.annotations.NullMarked;
