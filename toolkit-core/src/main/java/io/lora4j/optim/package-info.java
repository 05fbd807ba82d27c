/** Optimisers and schedules in the form their papers and PyTorch define. */
@NullMarked
package io.lora4j.optim;

import org.jspecify.annotations.NullMarked;
