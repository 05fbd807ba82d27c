package io.lora4j.recipes.plot;

import java.awt.Color;
import java.awt.geom.Rectangle2D;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.svggen.SVGIDGenerator;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Charts as SVG. Batik writes every colour as an attribute of the element that has it; here the element also gets a class that says which tone
 * that is, and a stylesheet gives the tones their colours by CSS variables: a rule goes before an attribute, and a viewer that knows no CSS shows
 * the light scheme.
 */
final class Svg {
    private static final String NAMESPACE = "http://www.w3.org/2000/svg";
    private static final Map<String, String> TONE_BY_COLOUR = toneByColour();

    private Svg() {}

    private static Map<String, String> toneByColour() {
        Map<String, String> tones = new HashMap<>();
        for (Look.Tone tone : Look.tones()) {
            Color light = tone.light();
            tones.put(
                    String.format(Locale.ROOT, "rgb(%d,%d,%d)", light.getRed(), light.getGreen(), light.getBlue()),
                    tone.name());
        }
        return tones;
    }

    static String document(Plot plot) {
        Element root = draw(plot, true, "p");
        root.setAttribute("width", Integer.toString(Plots.WIDTH));
        root.setAttribute("height", Integer.toString(Plots.height(plot, true)));
        Element style = root.getOwnerDocument().createElementNS(NAMESPACE, "style");
        style.setTextContent(stylesheet() + ".plot{background:var(--plot-paper)}\n");
        root.insertBefore(style, root.getFirstChild());
        return text(root, false) + "\n";
    }

    static String element(Plot plot, String id) {
        return text(draw(plot, false, id), true);
    }

    static String stylesheet() {
        StringBuilder light = new StringBuilder();
        StringBuilder dark = new StringBuilder();
        StringBuilder classes = new StringBuilder();
        for (Look.Tone tone : Look.tones()) {
            String variable = "--plot-" + tone.name();
            light.append(variable)
                    .append(':')
                    .append(Look.Tone.css(tone.light()))
                    .append(';');
            dark.append(variable).append(':').append(Look.Tone.css(tone.dark())).append(';');
            for (String property : new String[] {"stroke", "fill"}) {
                classes.append(".plot .")
                        .append(property.charAt(0))
                        .append('-')
                        .append(tone.name())
                        .append('{')
                        .append(property)
                        .append(":var(")
                        .append(variable)
                        .append(")}\n");
            }
        }
        return ":root{color-scheme:light dark;--plot-paper:#fff;" + light + "}\n"
                + "@media (prefers-color-scheme:dark){:root{--plot-paper:#0d1117;" + dark + "}}\n" + classes;
    }

    private static Element draw(Plot plot, boolean titled, String id) {
        Document document = newDocument();
        SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
        context.setComment(null);
        context.setPrecision(2);
        context.setIDGenerator(new SVGIDGenerator() {
            @Override
            public String generateID(String prefix) {
                // Clip paths of several plots in one page must not share names.
                return id + "-" + super.generateID(prefix);
            }
        });
        SVGGraphics2D graphics = new SVGGraphics2D(context, false);
        int height = Plots.height(plot, titled);
        Charts.of(plot, titled).draw(graphics, new Rectangle2D.Double(0, 0, Plots.WIDTH, height));
        Element root = graphics.getRoot();
        root.setAttribute("viewBox", "0 0 " + Plots.WIDTH + " " + height);
        root.setAttribute("class", "plot");
        root.setAttribute("role", "img");
        root.setAttribute("aria-label", plot.title());
        classify(root);
        return root;
    }

    private static void classify(Element element) {
        StringBuilder classes = new StringBuilder(element.getAttribute("class"));
        for (String property : new String[] {"stroke", "fill"}) {
            String tone = TONE_BY_COLOUR.get(element.getAttribute(property));
            if (tone != null) {
                classes.append(classes.isEmpty() ? "" : " ")
                        .append(property.charAt(0))
                        .append('-')
                        .append(tone);
            }
        }
        if (!classes.isEmpty()) {
            element.setAttribute("class", classes.toString());
        }
        // Names of definitions that nothing refers to.
        if (element.getTagName().equals("defs")) {
            element.removeAttribute("id");
        }
        for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element inner) {
                classify(inner);
            }
        }
    }

    private static Document newDocument() {
        try {
            return DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .newDocument();
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("no XML in this Java", e);
        }
    }

    private static String text(Element root, boolean part) {
        StringWriter text = new StringWriter();
        try {
            Transformer transformer = TransformerFactory.newDefaultInstance().newTransformer();
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, part ? "yes" : "no");
            transformer.transform(new DOMSource(root), new StreamResult(text));
        } catch (TransformerException e) {
            throw new IllegalStateException("cannot write SVG", e);
        }
        return text.toString();
    }
}
