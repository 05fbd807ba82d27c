package io.lora4j.recipes.plot;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import javax.imageio.ImageIO;

/**
 * Draws plots. Needs no display, but the fonts that Java finds on the system: text is measured with them, and written as text. Deterministic
 * for a plot and the system's fonts. Thread-safe.
 */
public final class Plots {
    /** Width of every plot in its own units, which are pixels at their natural size. */
    static final int WIDTH = 480;

    private static final int BODY = 270;
    private static final int TITLE = 26;
    private static final int LEGEND_ROW = 20;
    private static final int BAR = 26;
    private static final int BAR_AXIS = 60;

    static {
        // Before a class of AWT asks for the screen. A program that has said otherwise keeps its word.
        if (System.getProperty("java.awt.headless") == null) {
            System.setProperty("java.awt.headless", "true");
        }
    }

    private Plots() {}

    /**
     * A plot as an SVG document that stands alone, with its title, and follows the reader's colour scheme.
     *
     * @param plot what to draw
     * @return text of an SVG 1.1 file in UTF-8
     */
    public static String svg(Plot plot) {
        return Svg.document(plot);
    }

    /**
     * A plot as an element of an HTML page, without its title (but for readers of screens); the page needs {@link #stylesheet()}.
     *
     * @param plot what to draw
     * @param id differs from those of all other plots of the page; letters and digits
     * @return an {@code svg} element
     */
    public static String inline(Plot plot, String id) {
        return Svg.element(plot, id);
    }

    /**
     * The colours of {@link #inline} plots: CSS variables for the light and the dark scheme, and the classes that use them.
     *
     * @return CSS
     */
    public static String stylesheet() {
        return Svg.stylesheet();
    }

    /**
     * A look's colour in {@link #stylesheet()}, for text beside plots.
     *
     * @param look as in {@link Series}
     * @return a CSS value
     */
    public static String cssColour(int look) {
        return "var(--plot-" + Look.tone(look).name() + ")";
    }

    /**
     * A plot as a picture on white, with its title.
     *
     * @param plot what to draw
     * @param factor pixels per unit, e.g. 2 for screens of double density
     * @return bytes of a PNG file
     */
    public static byte[] png(Plot plot, int factor) {
        int height = height(plot, true);
        BufferedImage image = new BufferedImage(WIDTH * factor, height * factor, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        graphics.scale(factor, factor);
        Charts.of(plot, true).draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, height));
        graphics.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static int legendRows(Set<String> names) {
        if (names.size() < 2) {
            return 0;
        }
        int rows = 0;
        int left = 0;
        for (String name : names) {
            int width = 48 + 8 * name.length();
            if (width > left) {
                rows++;
                left = WIDTH - 20;
            }
            left -= width;
        }
        return rows;
    }

    /** High enough for the legend, so that the part with the curves is the same in all plots. */
    static int height(Plot plot, boolean titled) {
        int title = titled ? TITLE : 0;
        if (plot instanceof BarPlot bars) {
            return title + BAR_AXIS + BAR * bars.bars().size();
        }
        return title + BODY + LEGEND_ROW * legendRows(Charts.legendNames((LinePlot) plot));
    }
}
