/**
 * Trees of files from which models are imported: a folder, a JAR or ZIP file, a ZIP file inside a JAR.
 *
 * <p>The workflow: {@link io.lora4j.models.source.FileTree#open} lists what is there; an importer opens the {@link
 * io.lora4j.models.source.ByteSource}s it understands, as often as it needs to, and reads them front to back. Nothing is unpacked to
 * disk, so no name in an archive ever becomes a path; and no entry may expand without bound.
 */
@NullMarked
package io.lora4j.models.source;

import org.jspecify.annotations.NullMarked;
