package io.lora4j.recipes.plot;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import org.jfree.chart.axis.AxisState;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.axis.TickType;
import org.jfree.chart.axis.ValueTick;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.TextAnchor;

/**
 * A logarithmic axis with ticks at powers of ten, as many as there is room for. JFreeChart's own lose the ends of the range by rounding, and have
 * labels that SVG gets as outlines instead of text.
 */
final class DecadeAxis extends LogAxis {
    private static final long serialVersionUID = 1;
    private static final int LABEL_WIDTH = 48;
    private static final int LABEL_HEIGHT = 22;
    private static final double ROUNDING = 1e-9;

    DecadeAxis(String label, double least, double most) {
        super(label);
        setSmallestValue(Double.MIN_NORMAL);
        setRange(least, most);
        setMinorTickMarksVisible(true);
    }

    /** A power of ten, as near as a double can be. */
    static double power(long exponent) {
        return Double.parseDouble("1e" + exponent);
    }

    /** The exponent of the power of ten at or below a value, or at or above it. */
    static long exponent(double value, boolean above) {
        double exponent = Math.log10(value);
        return (long) (above ? Math.ceil(exponent - ROUNDING) : Math.floor(exponent + ROUNDING));
    }

    @Override
    public List<ValueTick> refreshTicks(Graphics2D g2, AxisState state, Rectangle2D area, RectangleEdge edge) {
        boolean horizontal = RectangleEdge.isTopOrBottom(edge);
        double room = horizontal ? area.getWidth() / LABEL_WIDTH : area.getHeight() / LABEL_HEIGHT;
        long first = exponent(getLowerBound(), true);
        long last = exponent(getUpperBound(), false);
        long step = (long) ((last - first) / Math.max(room, 1)) + 1;
        TextAnchor anchor = !horizontal
                ? edge.equals(RectangleEdge.RIGHT) ? TextAnchor.CENTER_LEFT : TextAnchor.CENTER_RIGHT
                : edge.equals(RectangleEdge.TOP) ? TextAnchor.BOTTOM_CENTER : TextAnchor.TOP_CENTER;
        List<ValueTick> ticks = new ArrayList<>();
        TickText text = new TickText();
        for (long exponent = first - 1; exponent <= last; exponent++) {
            double value = power(exponent);
            if (Math.floorMod(exponent, step) == 0 && exponent >= first) {
                ticks.add(tick(TickType.MAJOR, value, text.format(value), anchor));
            }
            for (int digit = 2; digit < 10 && step == 1; digit++) {
                double between = digit * value;
                if (between >= getLowerBound() && between <= getUpperBound()) {
                    // Where no power of ten is in the range, these are all there is to read.
                    ticks.add(tick(TickType.MINOR, between, first > last ? text.format(between) : "", anchor));
                }
            }
        }
        return ticks;
    }

    private static NumberTick tick(TickType type, double value, String label, TextAnchor anchor) {
        return new NumberTick(type, value, label, anchor, TextAnchor.CENTER, 0);
    }
}
