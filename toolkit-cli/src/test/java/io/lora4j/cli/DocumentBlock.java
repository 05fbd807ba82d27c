package io.lora4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A fenced block of a document, and the comment above it that says what it is: {@code <!-- example: CLASS -->} code of that class, {@code <!--
 * file: NAME -->} a file that the reader writes ({@code , with mistakes}: on purpose), {@code <!-- output -->} what the last command prints.
 *
 * @param document where it stands
 * @param line the line of its fence
 * @param language what stands behind the fence
 * @param kind what the comment says before the colon; empty if there is none
 * @param name what it says behind the colon; empty if there is none
 * @param text what stands between the fences
 */
record DocumentBlock(Path document, int line, String language, String kind, String name, String text) {
    private static final String FENCE = "```";

    /** All blocks of a document in order. */
    static List<DocumentBlock> of(Path document) throws IOException {
        List<String> lines = Files.readAllLines(document);
        List<DocumentBlock> blocks = new ArrayList<>();
        String comment = "";
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!line.startsWith(FENCE)) {
                comment = line.isBlank() ? comment : line;
                continue;
            }
            int end = i + 1;
            while (!lines.get(end).startsWith(FENCE)) {
                end++;
            }
            String said = comment.startsWith("<!--") ? comment.replaceAll("^<!-- *| *-->$", "") : "";
            int colon = said.indexOf(':');
            blocks.add(new DocumentBlock(
                    document,
                    i + 1,
                    line.substring(FENCE.length()).strip(),
                    colon < 0 ? said : said.substring(0, colon),
                    colon < 0 ? "" : said.substring(colon + 1).strip(),
                    String.join("\n", lines.subList(i + 1, end)) + "\n"));
            comment = "";
            i = end;
        }
        return blocks;
    }

    boolean isFile() {
        return kind.equals("file");
    }

    boolean hasMistakes() {
        return name.endsWith(", with mistakes");
    }

    /** The file that the reader writes. */
    String fileName() {
        return name.replace(", with mistakes", "");
    }

    /** The commands of a shell block, without comments. */
    List<String> commands() {
        List<String> commands = new ArrayList<>();
        for (String line : text.lines().toList()) {
            String command = line.replaceFirst("(^|\\s+)#.*", "").strip();
            if (!command.isEmpty()) {
                commands.addAll(List.of(command.split(" && ", -1)));
            }
        }
        return commands;
    }

    @Override
    public String toString() {
        return document.getFileName() + ":" + line;
    }
}
