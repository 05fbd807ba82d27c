/** Tests of models out of Maven repositories, against a repository in a folder. */
@NullMarked
package io.lora4j.models.maven;

import org.jspecify.annotations.NullMarked;
