package io.lora4j.models;

import io.lora4j.models.maven.MavenArtifacts;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Path;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Where the bytes of a model come from: a JAR on the class path, where a build has put it there, else Maven's local repository, else a
 * remote repository.
 */
final class ModelOrigins {
    private ModelOrigins() {}

    /** A known model's artifact. */
    static ModelImport.Origin of(KnownModel model) {
        String[] parts = model.coordinates().split(":", -1);
        String descriptor = "META-INF/maven/" + parts[0] + "/" + parts[1] + "/pom.properties";
        URL url = ModelOrigins.class.getClassLoader().getResource(descriptor);
        Path jar = url == null ? null : jarOf(url);
        if (jar == null) {
            return maven(model.coordinates(), model.hubName(), model.licence());
        }
        String coordinates = parts[0] + ":" + parts[1] + ":" + version(descriptor, parts[2]);
        return new ModelImport.Origin(model.hubName(), "maven:" + coordinates, model.licence(), () -> jar);
    }

    /** Any artifact. */
    static ModelImport.Origin maven(String coordinates, String name, @Nullable String licence) {
        return new ModelImport.Origin(name, "maven:" + coordinates, licence, () -> MavenArtifacts.ofUser()
                .fetch(coordinates));
    }

    private static @Nullable Path jarOf(URL entry) {
        try {
            URLConnection connection = entry.openConnection();
            return connection instanceof JarURLConnection jar
                    ? Path.of(jar.getJarFileURL().toURI())
                    : null;
        } catch (IOException | URISyntaxException e) {
            return null; // an odd class loader: the artifact is looked up by its coordinates instead
        }
    }

    private static String version(String descriptor, String absent) {
        Properties properties = new Properties();
        try (InputStream in = ModelOrigins.class.getClassLoader().getResourceAsStream(descriptor)) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            return absent;
        }
        return properties.getProperty("version", absent);
    }
}
