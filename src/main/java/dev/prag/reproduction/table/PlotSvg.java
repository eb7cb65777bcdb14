package dev.prag.reproduction.table;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jetbrains.letsPlot.commons.encoding.UnsupportedRGBEncoder;
import org.jetbrains.letsPlot.commons.geometry.DoubleVector;
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon;

/** Plots by Lets-Plot, which draws them without AWT and so without a screen, fonts, or libraries of the system. */
final class PlotSvg {
    private static final double WIDTH = 960;
    private static final double HEIGHT = 360;
    /** Colours that people with a colour deficiency tell apart, too (Okabe and Ito, 2008), and more of their kind. */
    private static final List<String> COLOURS = List.of(
            "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a800", "#999999", "#7a5195",
            "#5d8a3a");

    /** The page's ground shows through, whatever its colour. */
    private static final Map<String, Object> THEME = Map.of(
            "plot_background", "blank",
            "panel_background", "blank",
            "legend_background", "blank",
            "panel_grid_major_x", "blank",
            "panel_grid_minor_y", "blank",
            "panel_grid_major_y", Map.of("color", "#808080", "size", 0.3));

    /** The library names elements at random, also in rules of style. */
    private static final Pattern ID = Pattern.compile("(?:id=\"|#)([a-zA-Z]\\w{6})(?=\"| \\.|\\))");

    private PlotSvg() {}

    /**
     * The element {@code svg} of a plot. The same plots are the same text.
     *
     * @param layers as Lets-Plot specifies them
     * @param caption for those who don't see it
     * @param number of the plot in its page
     */
    static String of(List<Map<String, Object>> layers, String axis, String caption, int number) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("kind", "plot");
        spec.put("layers", layers);
        spec.put(
                "scales",
                List.of(
                        Map.of("aesthetic", "fill", "values", COLOURS, "name", ""),
                        Map.of("aesthetic", "x", "name", "", "discrete", true),
                        Map.of("aesthetic", "y", "name", axis)));
        spec.put("theme", THEME);
        String svg = PlotSvgExportCommon.INSTANCE.buildSvgImageFromRawSpecs(
                spec, new DoubleVector(WIDTH, HEIGHT), new UnsupportedRGBEncoder(), false);
        return named(svg, number)
                .replaceFirst(
                        "<svg ([^>]*?) width=\"[0-9.]+\" height=\"[0-9.]+\">",
                        "<svg $1 viewBox=\"0 0 " + (int) WIDTH + " " + (int) HEIGHT + "\" role=\"img\" aria-label=\""
                                + Matcher.quoteReplacement(Html.escaped(caption)) + "\">");
    }

    private static String named(String svg, int number) {
        List<String> ids = ID.matcher(svg)
                .results()
                .map((MatchResult match) -> match.group(1))
                .distinct()
                .toList();
        String named = svg;
        for (int i = 0; i < ids.size(); i++) {
            named = named.replaceAll("(?<=id=\"|#)" + ids.get(i) + "(?=\"| \\.|\\))", "plot" + number + "-" + i);
        }
        return named;
    }
}
