package io.lora4j.datasets.bundled;

import java.util.ArrayList;
import java.util.List;

/**
 * One kind of row: pairs of templates that share their slots and differ in their label.
 *
 * @param name what the frame is about
 * @param devOnly whether training rows may not use it
 * @param twins the pairs
 */
record Frame(String name, boolean devOnly, List<Twins> twins) {
    /**
     * Two templates over the same words.
     *
     * @param positive the one with label 1
     * @param negative the one with label 0
     */
    record Twins(Template positive, Template negative) {}

    /**
     * Parses the frames of a task.
     *
     * @param lines the lines of a frame file; {@code acceptability.txt} describes the form
     * @return the frames in file order
     */
    static List<Frame> parse(List<String> lines) {
        List<Frame> frames = new ArrayList<>();
        List<Twins> twins = new ArrayList<>();
        Template positive = null;
        for (String line : lines) {
            if (line.startsWith("frame ")) {
                String[] words = line.split(" ", -1);
                twins = new ArrayList<>();
                frames.add(new Frame(words[1], words[2].equals("dev"), twins));
            } else if (line.startsWith("+ ")) {
                positive = new Template(line.substring(2));
            } else if (line.startsWith("- ") && positive != null) {
                twins.add(new Twins(positive, new Template(line.substring(2))));
                positive = null;
            } else if (!line.isBlank() && !line.startsWith("#")) {
                throw new IllegalStateException("not a line of a frame file: " + line);
            }
        }
        return List.copyOf(frames);
    }
}
