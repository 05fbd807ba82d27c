package io.lora4j.cli;

import io.lora4j.datasets.GlueTask;
import io.lora4j.models.ModelStore;
import io.lora4j.recipes.reference.RecipeKeys;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;

/**
 * The completion script: picocli's for verbs and options, and behind it a function that knows what picocli cannot: recipes by name, tasks,
 * models, and the keys of recipes with their choices. What that function has no answer for, it leaves to picocli's.
 */
final class CompletionScript {
    /** bash breaks words at '=', zsh does not. */
    private static final String FUNCTION = """

            # What only the program knows: recipes, tasks, models, and the keys of recipes.

            function _lora4j_choices() {
              case "$1" in
            CHOICES    *) ;;
              esac
            }

            function _lora4j_values() {
              COMPREPLY=( $(compgen -W "$1" -- "$2") )
            }

            function _lora4j_override() {
              local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}"
              if [[ "$cur" == "=" ]]; then
                _lora4j_values "$(_lora4j_choices "$prev")" ""
              elif [[ "$prev" == "=" ]]; then
                _lora4j_values "$(_lora4j_choices "${COMP_WORDS[COMP_CWORD-2]}")" "$cur"
              elif [[ "$cur" == *=* ]]; then
                COMPREPLY=( $(compgen -P "${cur%%=*}=" -W "$(_lora4j_choices "${cur%%=*}")" -- "${cur#*=}") )
              elif [ -n "${BASH_VERSION:-}" ]; then
                compopt -o nospace 2>/dev/null
                _lora4j_values "KEYS" "$cur"
              fi
            }

            function _lora4j_recipe() {
              local cur="${COMP_WORDS[COMP_CWORD]}"
              [ -n "${BASH_VERSION:-}" ] && compopt -o filenames 2>/dev/null
              COMPREPLY=( $(compgen -W "RECIPES" -- "$cur") $(compgen -f -- "$cur") )
            }

            # How many words that are no options stand before this one, behind the verb (and its own verb, for models and data).
            function _lora4j_position() {
              local i found=0
              for (( i = $1; i < COMP_CWORD; i++ )); do
                case "${COMP_WORDS[i]}" in
                  -o | --output | --resume | --blas | -m | --model | -d | --data | --data-dir) i=$((i + 1)) ;;
                  -*) ;;
                  *) found=$((found + 1)) ;;
                esac
              done
              echo "$found"
            }

            function _lora4j() {
              local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" verb="${COMP_WORDS[1]}"
              local tasks="TASKS" models="MODELS"
              COMPREPLY=()
              case "$prev" in
                -o | --output | --resume | --blas | -d | --data-dir) _complete_lora4j; return ;;
                -m | --model) if [ "$verb" = bench ]; then _complete_lora4j; else _lora4j_values "$models" "$cur"; fi; return ;;
                --glue) _lora4j_values "$tasks" "$cur"; return ;;
                --data) if [ "$verb" = bench ]; then _lora4j_values "$tasks" "$cur"; else _complete_lora4j; fi; return ;;
                *) ;;
              esac
              if (( COMP_CWORD >= 2 )) && [[ "$cur" != -* ]]; then
                case "$verb:$(_lora4j_position 2)" in
                  run:0 | validate:0 | cp:0) _lora4j_recipe; return ;;
                  run:* | validate:*) _lora4j_override; return ;;
                  eval:1) _lora4j_values "$tasks" "$cur"; return ;;
                  data:0 | models:0) ;;
                  data:*) [ "${COMP_WORDS[2]}" = ls ] || { _lora4j_values "$tasks" "$cur"; return; } ;;
                  models:*)
                    case "${COMP_WORDS[2]}" in
                      pull | show | verify) _lora4j_values "$models" "$cur"; return ;;
                      *) ;;
                    esac ;;
                  *) ;;
                esac
              fi
              _complete_lora4j
            }

            complete -F _lora4j -o default lora4j
            """;

    private CompletionScript() {}

    /**
     * The script.
     *
     * @param root the whole command tree
     * @param recipes the recipes that come with the program
     * @return text for bash, and for zsh with its bash completion
     */
    static String of(CommandLine root, ShippedRecipes recipes) {
        Map<String, List<String>> keys = RecipeKeys.overrides();
        String choices = keys.entrySet().stream()
                .filter(key -> !key.getValue().isEmpty())
                .map(key -> "    " + key.getKey() + ") echo \"" + String.join(" ", key.getValue()) + "\" ;;\n")
                .collect(Collectors.joining());
        String names = recipes.list().stream().map(ShippedRecipes.Shipped::name).collect(Collectors.joining(" "));
        String own = FUNCTION.replace("CHOICES", choices)
                .replace("KEYS", keys.keySet().stream().map(key -> key + "=").collect(Collectors.joining(" ")))
                .replace("RECIPES", names)
                .replace("TASKS", String.join(" ", tasks(keys)))
                .replace("MODELS", String.join(" ", ModelStore.knownNames()));
        return AutoComplete.bash(root.getCommandName(), root) + own;
    }

    /** What recipes can name, and what only {@code data} and {@code predict} know. */
    private static Set<String> tasks(Map<String, List<String>> keys) {
        Set<String> tasks = new LinkedHashSet<>(keys.getOrDefault("task", List.of()));
        for (GlueTask task : GlueTask.values()) {
            tasks.add(task.taskName());
        }
        return tasks;
    }
}
