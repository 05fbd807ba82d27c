package io.lora4j.recipes.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class PlotsTest {
    private static final double[] STEPS = {0, 10, 20, 30};

    private static LinePlot plot(Axis y, Series... series) {
        return new LinePlot("loss", Axis.linear("step", "optimiser steps"), y, List.of(series));
    }

    private static Series series(String name, int look, double... y) {
        return new Series(name, STEPS, y, look, Series.Form.LINE);
    }

    private static List<Element> elements(String svg, String name) throws Exception {
        Document document = DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(svg)));
        NodeList list = document.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < list.getLength(); i++) {
            elements.add((Element) list.item(i));
        }
        return elements;
    }

    private static List<String> texts(String svg) throws Exception {
        return elements(svg, "text").stream().map(Element::getTextContent).toList();
    }

    /** The curves: paths that are drawn and not filled. */
    private static List<Element> curves(String svg) throws Exception {
        return elements(svg, "path").stream()
                .filter(path -> path.getAttribute("fill").equals("none"))
                .filter(path -> path.getAttribute("d").contains("L"))
                .toList();
    }

    @Test
    void axesAreNamedWithTheirUnitsAndWhateverIsNamedIsText() throws Exception {
        String svg = Plots.svg(
                plot(Axis.log("loss", "nats"), series("lora", 0, 1, .1, .01, .001), series("b", 1, 1, 1, 1, 1)));
        List<String> texts = texts(svg);
        for (String expected :
                List.of("loss", "step [optimiser steps]", "loss [nats]", "lora", "b", "0.01", "1e-3", "30")) {
            assertTrue(texts.contains(expected), expected + " is not in " + texts);
        }
    }

    @Test
    void namesAreEscaped() throws Exception {
        Series evil = series("<script>alert('&')</script>", 0, 1, 2, 3, 4);
        String svg = Plots.inline(
                new LinePlot(
                        "\"<b>\"",
                        Axis.linear("<i>x", ""),
                        Axis.linear("y", "]]>"),
                        List.of(evil, series("b", 1, 1, 2, 3, 4))),
                "a");
        assertFalse(svg.contains("<script") || svg.contains("<b>") || svg.contains("<i>"), svg);
        assertTrue(texts(svg).contains(evil.name()), "the name is shown as it is");
    }

    @Test
    void everyColourFollowsTheScheme() throws Exception {
        List<Series> all = new ArrayList<>();
        for (int i = Series.REFERENCE; i < 9; i++) {
            all.add(series("m" + i, i, 1, 2, 3, 4 + i));
            all.add(new Series("", STEPS, new double[] {2, 2, 1, i}, Math.max(i, 0), Series.Form.THIN));
        }
        List<String> svgs = List.of(
                Plots.inline(new LinePlot("t", Axis.linear("x", ""), Axis.linear("y", ""), all), "a"),
                Plots.inline(
                        new BarPlot("t", Axis.log("parameters", ""), List.of(new BarPlot.Bar("a", 20, "20", 3))), "b"));
        for (String svg : svgs) {
            for (Element element : elements(svg, "*")) {
                for (String property : List.of("stroke", "fill")) {
                    String value = element.getAttribute(property);
                    boolean follows = value.isEmpty()
                            || value.equals("none")
                            || element.getAttribute("class").contains(property.charAt(0) + "-");
                    assertTrue(
                            follows || element.getTagName().equals("svg"),
                            element.getTagName() + " " + property + " " + value);
                }
            }
        }
        String css = Plots.stylesheet();
        Matcher used = Pattern.compile("class=\"([^\"]*)\"").matcher(String.join("", svgs));
        Set<String> classes = new HashSet<>();
        while (used.find()) {
            classes.addAll(List.of(used.group(1).split(" ")));
        }
        classes.remove("plot");
        assertTrue(classes.size() > 9, classes.toString());
        classes.forEach(name -> assertTrue(css.contains("." + name + "{"), name));
    }

    @Test
    void looksDifferByMoreThanColour() {
        Set<String> looks = new HashSet<>();
        for (int i = 0; i < 30; i++) {
            float[] dash = Look.stroke(i, 1).getDashArray();
            looks.add((dash == null ? 0 : dash.length * 100 + dash[0]) + " "
                    + Look.marker(i).getBounds2D() + Look.marker(i).getClass());
        }
        assertEquals(30, looks.size());
    }

    @Test
    void pointsWithoutAPlaceInterruptTheCurve() throws Exception {
        Series broken =
                new Series("a", new double[] {0, 1, 2, 3, 4}, new double[] {1, .5, 0, .5, .1}, 0, Series.Form.LINE);
        List<Element> curves = curves(Plots.svg(plot(Axis.log("loss", ""), broken)));
        assertEquals(1, curves.size());
        String d = curves.get(0).getAttribute("d");
        assertEquals(2, d.chars().filter(c -> c == 'M').count(), d);
        assertEquals(2, d.chars().filter(c -> c == 'L').count(), d);
    }

    @Test
    void decadesAreEquallyLong() throws Exception {
        String d = curves(Plots.svg(plot(Axis.log("loss", ""), series("a", 0, 1, .1, .01, .001))))
                .get(0)
                .getAttribute("d");
        List<Double> y = new ArrayList<>();
        Matcher point = Pattern.compile("[ML]([0-9.]+) ([0-9.]+)").matcher(d);
        while (point.find()) {
            y.add(Double.parseDouble(point.group(2)));
        }
        assertEquals(4, y.size(), d);
        for (int i = 1; i < 4; i++) {
            assertEquals(y.get(1) - y.get(0), y.get(i) - y.get(i - 1), 0.05, d);
        }
        assertTrue(y.get(1) > y.get(0), "downwards");
    }

    @Test
    void definitionsOfTwoPlotsDoNotMeet() throws Exception {
        LinePlot plot = plot(Axis.linear("loss", ""), series("a", 0, 1, 2, 3, 4), series("b", 1, 1, 2, 3, 4));
        Set<String> ids = new HashSet<>();
        int count = 0;
        for (String id : List.of("one", "two")) {
            String svg = Plots.inline(plot, id);
            Matcher reference = Pattern.compile("url\\(#([^)]*)\\)").matcher(svg);
            Set<String> referred = new HashSet<>();
            while (reference.find()) {
                referred.add(reference.group(1));
            }
            for (Element element : elements(svg, "*")) {
                if (element.hasAttribute("id")) {
                    ids.add(element.getAttribute("id"));
                    referred.remove(element.getAttribute("id"));
                    count++;
                }
            }
            assertEquals(Set.of(), referred, "everything that is referred to is there");
        }
        assertEquals(count, ids.size());
    }

    @Test
    void plotsWithoutPointsAreDrawn() throws Exception {
        assertNotNull(elements(Plots.svg(plot(Axis.log("loss", ""))), "svg").get(0));
        assertNotNull(
                elements(Plots.svg(plot(Axis.linear("loss", ""), series("a", 0, Double.NaN, 1, 1, Double.NaN))), "svg")
                        .get(0));
        assertNotNull(elements(Plots.svg(new BarPlot("t", Axis.linear("s", ""), List.of())), "svg")
                .get(0));
    }

    @Test
    void aPngIsAPictureOfThatSize() throws IOException {
        LinePlot plot = plot(Axis.linear("loss", ""), series("a", 0, 1, 2, 3, 4));
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(Plots.png(plot, 2)));
        assertEquals(2 * Plots.WIDTH, image.getWidth());
        assertEquals(2 * Plots.height(plot, true), image.getHeight());
        Set<Integer> colours = new HashSet<>();
        for (int x = 0; x < image.getWidth(); x++) {
            for (int y = 0; y < image.getHeight(); y++) {
                colours.add(image.getRGB(x, y) & 0xffffff);
            }
        }
        assertTrue(
                colours.contains(0xffffff)
                        && colours.contains(Look.tone(0).light().getRGB() & 0xffffff),
                "paper and curve");
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Axis.linear("x", "").between(1.0, 1.0));
        assertThrows(IllegalArgumentException.class, () -> Axis.log("x", "").between(0.0, 1.0));
        assertThrows(IllegalArgumentException.class, () -> new Series("a", STEPS, new double[1], 0, Series.Form.LINE));
        BarPlot.Bar bar = new BarPlot.Bar("a", 1, "1", 0);
        assertThrows(IllegalArgumentException.class, () -> new BarPlot("t", Axis.linear("x", ""), List.of(bar, bar)));
    }
}
