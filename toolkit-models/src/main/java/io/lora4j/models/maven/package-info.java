/**
 * Models out of Maven repositories.
 *
 * <p>The workflow: {@link io.lora4j.models.maven.MavenSettings} reads the user's own Maven settings, so that repositories, mirrors, proxies
 * and the local repository are those of the user's builds; {@link io.lora4j.models.maven.MavenArtifacts} lets Apache Maven Resolver find
 * one artifact there, or download and check it.
 */
@NullMarked
package io.lora4j.models.maven;

import org.jspecify.annotations.NullMarked;
