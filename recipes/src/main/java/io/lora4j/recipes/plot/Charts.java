package io.lora4j.recipes.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.geom.Line2D;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.DoubleStream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.AxisLocation;
import org.jfree.chart.axis.CategoryAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.labels.ItemLabelAnchor;
import org.jfree.chart.labels.ItemLabelPosition;
import org.jfree.chart.labels.StandardCategoryItemLabelGenerator;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.text.TextUtils;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.category.CategoryDataset;
import org.jfree.data.category.DefaultCategoryDataset;
import org.jfree.data.xy.DefaultXYDataset;

/** Plots as charts of JFreeChart, in the colours of the light scheme and without a background. */
final class Charts {
    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    private static final Font BOLD = FONT.deriveFont(Font.BOLD, 14f);
    private static final float LINE = 2f;
    private static final float HAIR = 1f;

    static {
        // Its workaround for JDKs of long ago turns rotated text into outlines.
        TextUtils.setUseDrawRotatedStringWorkaround(false);
    }

    private Charts() {}

    /** @param titled whether the title stands above */
    static JFreeChart of(Plot plot, boolean titled) {
        org.jfree.chart.plot.Plot drawn = plot instanceof LinePlot lines ? lines(lines) : bars((BarPlot) plot);
        drawn.setBackgroundPaint(null);
        drawn.setOutlineVisible(false);
        drawn.setInsets(new RectangleInsets(6, 2, 2, 18));
        boolean legend = plot instanceof LinePlot lines && legendNames(lines).size() > 1;
        JFreeChart chart = new JFreeChart(titled ? plot.title() : null, BOLD, drawn, legend);
        chart.setBackgroundPaint(null);
        chart.setPadding(RectangleInsets.ZERO_INSETS);
        if (titled) {
            chart.getTitle().setPaint(Look.INK.light());
        }
        LegendTitle title = chart.getLegend();
        if (title != null) {
            title.setItemFont(FONT);
            title.setItemPaint(Look.INK.light());
            title.setFrame(BlockBorder.NONE);
            title.setBackgroundPaint(null);
            title.setPosition(RectangleEdge.BOTTOM);
            title.setItemLabelPadding(new RectangleInsets(1, 2, 1, 8));
        }
        return chart;
    }

    /** Names in the legend, in its order. */
    static Set<String> legendNames(LinePlot plot) {
        Set<String> names = new LinkedHashSet<>();
        plot.series().forEach(series -> names.add(series.name()));
        names.remove("");
        return names;
    }

    private static XYPlot lines(LinePlot plot) {
        DefaultXYDataset data = new DefaultXYDataset();
        SparseMarkers renderer = new SparseMarkers(plot.series());
        Set<String> named = new HashSet<>();
        for (int i = 0; i < plot.series().size(); i++) {
            Series series = plot.series().get(i);
            boolean first = !series.name().isEmpty() && named.add(series.name());
            // JFreeChart's keys must differ, and the legend shows them: those that it does not show get a number.
            data.addSeries(first ? series.name() : "\u0000" + i, placed(series, plot));
            renderer.style(i, series, first);
        }
        XYPlot xy = new XYPlot(
                data, axis(plot.x(), values(plot, Series::x)), axis(plot.y(), values(plot, Series::y)), renderer);
        xy.setDomainGridlinePaint(Look.GRID.light());
        xy.setRangeGridlinePaint(Look.GRID.light());
        xy.setDomainGridlineStroke(new BasicStroke(HAIR));
        xy.setRangeGridlineStroke(new BasicStroke(HAIR));
        xy.setAxisOffset(RectangleInsets.ZERO_INSETS);
        return xy;
    }

    /** Coordinates, NaN where a point has no place. */
    private static double[][] placed(Series series, LinePlot plot) {
        double[] x = series.x().clone();
        double[] y = series.y().clone();
        for (int i = 0; i < x.length; i++) {
            if (!plot.x().holds(x[i]) || !plot.y().holds(y[i])) {
                y[i] = Double.NaN;
            }
            if (!plot.x().holds(x[i])) {
                // The dataset wants a place even of what is not drawn.
                x[i] = Double.NaN;
            }
        }
        return new double[][] {x, y};
    }

    private interface Coordinates {
        double[] of(Series series);
    }

    private static double[] values(LinePlot plot, Coordinates coordinates) {
        return plot.series().stream()
                .flatMapToDouble(series -> DoubleStream.of(coordinates.of(series)))
                .toArray();
    }

    private static ValueAxis axis(Axis axis, double[] values) {
        double[] held = DoubleStream.of(values).filter(axis::holds).toArray();
        ValueAxis drawn = axis.scale() == Axis.Scale.LOG ? logarithmic(axis, held) : linear(axis, held);
        drawn.setLabelFont(FONT);
        drawn.setTickLabelFont(FONT);
        drawn.setLabelPaint(Look.INK.light());
        drawn.setTickLabelPaint(Look.INK.light());
        drawn.setAxisLinePaint(Look.AXIS.light());
        drawn.setTickMarkPaint(Look.AXIS.light());
        return drawn;
    }

    private static NumberAxis linear(Axis axis, double[] held) {
        NumberAxis drawn = new NumberAxis(axis.label());
        boolean whole = DoubleStream.of(held).allMatch(value -> value == Math.rint(value));
        drawn.setStandardTickUnits(
                whole
                        ? NumberAxis.createIntegerTickUnits(Locale.ROOT)
                        : NumberAxis.createStandardTickUnits(Locale.ROOT));
        double least = DoubleStream.of(held).min().orElse(0);
        double most = DoubleStream.of(held).max().orElse(1);
        double margin = most > least ? 0.03 * (most - least) : Math.max(Math.abs(most) * 0.1, 0.5);
        Double from = axis.from();
        Double to = axis.to();
        double low = from != null ? from : Math.min(least, to == null ? least : to) - margin;
        double high = to != null ? to : Math.max(most, low) + margin;
        drawn.setRange(low, high);
        return drawn;
    }

    private static DecadeAxis logarithmic(Axis axis, double[] held) {
        Double from = axis.from();
        Double to = axis.to();
        double least = from != null ? from : end(DoubleStream.of(held).min().orElse(1), false);
        double most = to != null ? to : end(DoubleStream.of(held).max().orElse(10), true);
        return new DecadeAxis(axis.label(), least, most > least ? most : 10 * least);
    }

    private static double end(double value, boolean above) {
        return DecadeAxis.power(DecadeAxis.exponent(value, above));
    }

    private static CategoryPlot bars(BarPlot plot) {
        DefaultCategoryDataset data = new DefaultCategoryDataset();
        plot.bars().forEach(bar -> data.addValue(bar.value(), "", bar.name()));
        double[] values = plot.bars().stream().mapToDouble(BarPlot.Bar::value).toArray();
        Axis axis = plot.value();
        if (axis.scale() == Axis.Scale.LINEAR && axis.from() == null) {
            axis = axis.between(0.0, axis.to());
        }
        ValueAxis range = axis(axis, values);
        // Room for the text behind the longest bar.
        double upper = range.getUpperBound();
        double lower = range.getLowerBound();
        range.setUpperBound(
                axis.scale() == Axis.Scale.LOG
                        ? upper * Math.pow(upper / lower, 0.25)
                        : lower + (upper - lower) * 1.25);
        CategoryAxis names = new CategoryAxis();
        names.setTickLabelFont(FONT);
        names.setTickLabelPaint(Look.INK.light());
        names.setAxisLinePaint(Look.AXIS.light());
        names.setTickMarksVisible(false);
        names.setMaximumCategoryLabelWidthRatio(0.6f);
        CategoryPlot category = new CategoryPlot(data, names, range, new Bars(plot, lower));
        category.setOrientation(PlotOrientation.HORIZONTAL);
        category.setRangeAxisLocation(AxisLocation.BOTTOM_OR_LEFT);
        category.setRangeGridlinePaint(Look.GRID.light());
        category.setRangeGridlineStroke(new BasicStroke(HAIR));
        category.setAxisOffset(RectangleInsets.ZERO_INSETS);
        return category;
    }

    /** Curves with a marker now and then, told apart by colour, dash and marker. */
    private static final class SparseMarkers extends XYLineAndShapeRenderer {
        private static final long serialVersionUID = 1;
        private static final int MARKERS = 6;
        private final transient List<Series> series;

        SparseMarkers(List<Series> series) {
            this.series = series;
            setDrawSeriesLineAsPath(true);
            setDrawOutlines(false);
            setLegendLine(new Line2D.Double(-14, 0, 14, 0));
        }

        void style(int i, Series one, boolean named) {
            boolean pale = one.form() == Series.Form.THIN;
            boolean plain = pale || one.look() == Series.REFERENCE;
            setSeriesPaint(i, Look.colour(one.look(), pale));
            setSeriesStroke(i, pale ? new BasicStroke(HAIR) : Look.stroke(one.look(), plain ? HAIR * 1.5f : LINE));
            setSeriesShape(i, Look.marker(one.look()));
            setSeriesLinesVisible(i, one.form() != Series.Form.POINTS);
            setSeriesShapesVisible(i, !plain);
            setSeriesVisibleInLegend(i, named);
        }

        @Override
        public boolean getItemShapeVisible(int row, int item) {
            Series one = series.get(row);
            boolean every = one.form() != Series.Form.LINE || one.x().length <= 2 * MARKERS;
            return super.getItemShapeVisible(row, item) && (every || item % (one.x().length / MARKERS) == 0);
        }
    }

    /** Flat bars, each in its own colour, with a text at the end. */
    private static final class Bars extends BarRenderer {
        private static final long serialVersionUID = 1;
        private final transient BarPlot plot;

        Bars(BarPlot plot, double base) {
            this.plot = plot;
            setBarPainter(new StandardBarPainter());
            setShadowVisible(false);
            setBase(base);
            setMaximumBarWidth(0.5);
            setDefaultItemLabelsVisible(true);
            setDefaultPositiveItemLabelPosition(
                    new ItemLabelPosition(ItemLabelAnchor.OUTSIDE3, TextAnchor.CENTER_LEFT));
            setDefaultItemLabelFont(FONT);
            setDefaultItemLabelPaint(Look.INK.light());
            setDefaultItemLabelGenerator(new StandardCategoryItemLabelGenerator() {
                private static final long serialVersionUID = 1;

                @Override
                public String generateLabel(CategoryDataset data, int row, int column) {
                    return plot.bars().get(column).text();
                }
            });
        }

        @Override
        public Color getItemPaint(int row, int column) {
            return Look.colour(plot.bars().get(column).look(), false);
        }
    }
}
