package io.lora4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The words of a line as a shell would split it: quotes are taken away; what is behind # or a redirection is no word. */
final class ShellWords {
    private static final Pattern WORD = Pattern.compile("(?:[^\\s'\"]|'[^']*'|\"[^\"]*\")+");

    private ShellWords() {}

    static List<String> of(String line) {
        List<String> words = new ArrayList<>();
        String command = line.replaceFirst("\\s+#.*", "").replaceFirst("\\s+[>;|].*", "");
        Matcher word = WORD.matcher(command);
        while (word.find()) {
            words.add(word.group().replaceAll("'([^']*)'|\"([^\"]*)\"", "$1$2"));
        }
        return words;
    }
}
