package io.lora4j.init;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What an initialiser did to every adapted layer of a network.
 *
 * @param layers one entry per layer, in the network's order
 */
public record InitReport(List<LayerInitReport> layers) {
    /** Copies the list. */
    public InitReport {
        layers = List.copyOf(layers);
    }

    /**
     * Factor pairs of all layers for which the gradient had no direction.
     *
     * @return the sum of the layers' dead pairs
     */
    public int deadPairs() {
        return layers.stream().mapToInt(LayerInitReport::deadPairs).sum();
    }

    /**
     * The report as a text table, one line per layer under one line of headings; notes stand at the end of their lines. Numbers have
     * four significant digits; a dash stands for what the initialiser has not.
     *
     * @return lines separated by '\n', the last one without
     */
    public String table() {
        int width = layers.stream().mapToInt(l -> l.layer().length()).max().orElse(0);
        width = Math.max(width, "layer".length());
        int name = layers.stream().mapToInt(l -> l.initializer().length()).max().orElse(0);
        name = Math.max(name, 8);
        String format = "%-" + width + "s  %-" + name + "s %4s %10s %10s %7s %10s %10s %4s  %s";
        StringBuilder text = new StringBuilder(String.format(
                        Locale.ROOT,
                        format,
                        "layer",
                        "init",
                        "r",
                        "sigma_1",
                        "sigma_r",
                        "eff.rk",
                        "|sAB|/|W|",
                        "step",
                        "dead",
                        "note")
                .stripTrailing());
        for (LayerInitReport l : layers) {
            String line = String.format(
                    Locale.ROOT,
                    format,
                    l.layer(),
                    l.initializer(),
                    l.rank(),
                    number(l.sigma1()),
                    number(l.sigmaR()),
                    number(l.effectiveRank()),
                    number(l.relativeUpdate()),
                    number(l.effectiveStep()),
                    l.deadPairs(),
                    l.note() == null ? "" : l.note());
            text.append('\n').append(line.stripTrailing());
        }
        return text.toString();
    }

    private static String number(@Nullable Double value) {
        if (value == null) {
            return "-";
        }
        boolean plain = value == 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4);
        return String.format(Locale.ROOT, plain ? "%.4g" : "%.3e", value);
    }
}
