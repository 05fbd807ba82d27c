package io.lora4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What the program knows of itself: {@code --version}'s lines, and what goes into a run's provenance. */
final class Version implements IVersionProvider {
    private static final String COMMIT = "lora4j.commit";

    @Override
    public String[] getVersion() {
        Properties versions = read();
        String commit = System.getProperty(COMMIT, "");
        return new String[] {
            "lora4j " + versions.getProperty("lora4j") + (commit.isEmpty() ? "" : " (" + commit + ")"),
            "Deeplearning4j " + versions.getProperty("dl4j"),
            "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
        };
    }

    /**
     * The program's version, and the commit it was started from where the launcher knows it ({@code -dirty} if files differ).
     *
     * @return names to values, for a run's provenance
     */
    static Map<String, String> program() {
        Map<String, String> program = new LinkedHashMap<>();
        program.put("lora4j", read().getProperty("lora4j"));
        String commit = System.getProperty(COMMIT, "");
        if (!commit.isEmpty()) {
            program.put("commit", commit);
        }
        return program;
    }

    private static Properties read() {
        Properties versions = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            if (in == null) {
                throw new IllegalStateException("version.properties is missing from the program's jar");
            }
            versions.load(in);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return versions;
    }
}
