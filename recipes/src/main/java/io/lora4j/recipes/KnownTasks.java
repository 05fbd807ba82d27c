package io.lora4j.recipes;

import io.lora4j.datasets.GlueReader;
import io.lora4j.datasets.TaskData;
import io.lora4j.error.Suggestions;
import io.lora4j.error.UserException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tasks that have a name. */
public final class KnownTasks {
    private KnownTasks() {}

    /**
     * Reads a task.
     *
     * @param name its name as recipes write it
     * @param folder the folder with its files; null for a task that comes with LoRA4J
     * @return its rows
     * @throws UserException if there is no such task, or its files are missing or damaged
     */
    public static TaskData read(String name, @Nullable Path folder) {
        Map<String, Recipe.TaskChoice> known = TaskType.known();
        Recipe.TaskChoice task = known.get(TaskType.plain(name));
        if (task instanceof Recipe.TaskChoice.Bundled bundled) {
            return bundled.task().read();
        }
        if (task instanceof Recipe.TaskChoice.Glue glue) {
            if (folder == null) {
                throw new UserException("the task " + task.name() + " needs the folder that has "
                        + glue.task().spec().devFile() + ": add --data DIR");
            }
            return GlueReader.read(glue.task(), folder);
        }
        throw new UserException("unknown task \"" + name + "\"" + Suggestions.hint(name, known.keySet()));
    }
}
