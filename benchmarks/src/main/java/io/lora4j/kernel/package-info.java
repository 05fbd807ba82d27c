/**
 * JMH benchmarks of the kernels, each in its form with the Vector API and as a composition of ND4J operations.
 *
 * <p>Workflow: {@code mvn -Pjmh -Dquick -DskipTests -pl benchmarks -am verify -Djmh=REGEX} builds and runs them; the profile alone knows JMH.
 */
@NullMarked
package io.lora4j.kernel;

import org.jspecify.annotations.NullMarked;
