package io.lora4j.models.hub;

import io.lora4j.error.UserException;
import java.util.regex.Pattern;

/**
 * A model on the hub.
 *
 * @param repository {@code organisation/name}, or a bare name for the oldest models
 * @param revision a branch, a tag or a commit
 */
public record HubReference(String repository, String revision) {
    private static final Pattern REPOSITORY =
            Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)?");
    private static final Pattern REVISION =
            Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    /** Checks both names: they become parts of addresses and of paths. */
    public HubReference {
        if (!REPOSITORY.matcher(repository).matches() || repository.contains("..") || repository.contains("--")) {
            throw new UserException(
                    "'" + repository + "' is no model of the hub; the form is hf:organisation/name@revision");
        }
        if (!REVISION.matcher(revision).matches() || revision.contains("..")) {
            throw new UserException("'" + revision + "' is no revision; the form is hf:organisation/name@revision");
        }
    }

    /**
     * Reads a reference.
     *
     * @param text {@code organisation/name} or {@code organisation/name@revision}
     * @return the reference; its revision is {@code main} if none is given
     * @throws UserException if the text has another form
     */
    public static HubReference parse(String text) {
        int at = text.indexOf('@');
        return at < 0
                ? new HubReference(text, "main")
                : new HubReference(text.substring(0, at), text.substring(at + 1));
    }

    /** Whether the revision is a commit, which never changes. */
    boolean isCommit() {
        return isCommit(revision);
    }

    /** Whether a text is the hash of a commit. */
    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    @Override
    public String toString() {
        return repository + "@" + revision;
    }
}
