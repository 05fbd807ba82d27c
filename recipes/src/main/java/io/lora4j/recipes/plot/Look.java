package io.lora4j.recipes.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Colours, dashes and markers. The seven colours are Okabe and Ito's ("Color Universal Design", 2008) without yellow, which white swallows, and
 * with orange and sky blue darkened towards a contrast of 3 : 1 on white; seven colours, five dashes and six markers repeat together after 210
 * looks only, so that no two looks of a plot differ by colour alone.
 */
final class Look {
    /** A colour of the light scheme, its counterpart in the dark one, and the CSS variable that stands for both. */
    record Tone(String name, Color light, Color dark) {
        static String css(Color color) {
            return String.format(Locale.ROOT, "#%06x", color.getRGB() & 0xffffff);
        }
    }

    static final Tone INK = tone("ink", 0x1F2328, 0xE6EDF3);
    static final Tone AXIS = tone("axis", 0x6A737D, 0x8B949E);
    static final Tone GRID = tone("grid", 0xDDE1E6, 0x343B44);
    private static final List<Tone> TONES = List.of(
            tone("c1", 0x0072B2, 0x4DA6E8),
            tone("c2", 0xD55E00, 0xF58442),
            tone("c3", 0x009E73, 0x2EC99B),
            tone("c4", 0xCC79A7, 0xE79BC5),
            tone("c5", 0x24292F, 0xF0F6FC),
            tone("c6", 0xC48A00, 0xF2B632),
            tone("c7", 0x3C9BD3, 0x9BD8FF));

    private static final float[][] DASHES = {{}, {9, 4}, {2, 3}, {10, 3, 2, 3}, {16, 5}};
    private static final double SIZE = 3.6;
    private static final List<Shape> MARKERS = List.of(
            new Ellipse2D.Double(-SIZE, -SIZE, 2 * SIZE, 2 * SIZE),
            new Rectangle2D.Double(-SIZE, -SIZE, 2 * SIZE, 2 * SIZE),
            polygon(0, -1.2, 1.2, 1, -1.2, 1),
            polygon(0, -1.4, 1.4, 0, 0, 1.4, -1.4, 0),
            polygon(0, 1.2, 1.2, -1, -1.2, -1),
            polygon(
                    -.4, -1.2, .4, -1.2, .4, -.4, 1.2, -.4, 1.2, .4, .4, .4, .4, 1.2, -.4, 1.2, -.4, .4, -1.2, .4, -1.2,
                    -.4, -.4, -.4));

    private Look() {}

    private static Tone tone(String name, int light, int dark) {
        return new Tone(name, new Color(light), new Color(dark));
    }

    private static Shape polygon(double... xy) {
        Path2D path = new Path2D.Double();
        path.moveTo(xy[0] * SIZE, xy[1] * SIZE);
        for (int i = 2; i < xy.length; i += 2) {
            path.lineTo(xy[i] * SIZE, xy[i + 1] * SIZE);
        }
        path.closePath();
        return path;
    }

    /** Every colour that a plot may have. */
    static List<Tone> tones() {
        List<Tone> all = new ArrayList<>(List.of(INK, AXIS, GRID));
        all.addAll(TONES);
        return all;
    }

    static Tone tone(int look) {
        return look == Series.REFERENCE ? AXIS : TONES.get(look % TONES.size());
    }

    static Color colour(int look, boolean pale) {
        Color full = tone(look).light();
        return pale ? new Color(full.getRed(), full.getGreen(), full.getBlue(), 90) : full;
    }

    static BasicStroke stroke(int look, float width) {
        float[] dash = look == Series.REFERENCE ? new float[] {4, 4} : DASHES[look % DASHES.length];
        return dash.length == 0
                ? new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND)
                : new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dash, 0);
    }

    static Shape marker(int look) {
        return MARKERS.get(Math.max(look, 0) % MARKERS.size());
    }
}
