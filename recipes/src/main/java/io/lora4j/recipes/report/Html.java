package io.lora4j.recipes.report;

import java.util.List;
import java.util.Locale;

/** Pieces of HTML. Whatever comes from results goes through {@link #text}. */
final class Html {
    private Html() {}

    /** Text for an element or a quoted attribute. */
    static String text(String plain) {
        StringBuilder escaped = new StringBuilder(plain.length());
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> {
                    // Other control characters are no HTML.
                    boolean control = (c < ' ' && c != '\n' && c != '\t') || c == 0x7f;
                    escaped.append(control ? '\ufffd' : c);
                }
            }
        }
        return escaped.toString();
    }

    static String table(TableView table) {
        // Not a caption: that would be as wide as the table, which scrolls on narrow screens.
        String caption = text(table.caption());
        StringBuilder html = new StringBuilder("<p>" + caption + "</p>\n")
                .append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"results\">\n")
                .append("<table class=\"sortable\" aria-label=\"" + caption + "\">\n<thead><tr>");
        for (TableView.Column column : table.columns()) {
            html.append("<th scope=\"col\" aria-sort=\"none\" data-kind=\"")
                    .append(column.numeric() ? "number" : "text")
                    .append("\" data-first=\"")
                    .append(column.largestFirst() ? "descending" : "ascending")
                    .append("\"><button type=\"button\">")
                    .append(text(column.title()))
                    .append("</button></th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (List<TableView.Cell> row : table.rows()) {
            html.append("<tr>");
            for (TableView.Cell cell : row) {
                html.append("<td");
                if (cell.value() != null) {
                    html.append(" data-value=\"").append(cell.value()).append('"');
                }
                if (cell.mark() != TableView.Mark.NONE) {
                    html.append(" class=\"")
                            .append(cell.mark().name().toLowerCase(Locale.ROOT))
                            .append('"');
                }
                html.append('>')
                        .append(text(cell.text()))
                        .append(cell.mark().sign())
                        .append("</td>");
            }
            html.append("</tr>\n");
        }
        html.append("</tbody>\n</table>\n</div>\n");
        for (String note : table.notes()) {
            html.append("<p class=\"soft\">").append(text(note)).append("</p>\n");
        }
        return html.toString();
    }
}
