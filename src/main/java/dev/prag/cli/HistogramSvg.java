package dev.prag.cli;

import dev.prag.corpus.AdapterMeasures.Distribution;
import java.util.List;
import java.util.Locale;

/** Histograms as a picture, one below another. */
final class HistogramSvg {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 200;
    private static final int MARGIN = 40;
    private static final int BARS = WIDTH - 2 * MARGIN;

    private HistogramSvg() {}

    /** @param names what each is of; plain words */
    static String of(List<String> names, List<Distribution> distributions) {
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
                WIDTH,
                HEIGHT * names.size()));
        for (int i = 0; i < names.size(); i++) {
            svg.append(String.format(Locale.ROOT, "<g transform=\"translate(%d %d)\">%n", MARGIN, i * HEIGHT));
            draw(svg, names.get(i), distributions.get(i));
            svg.append(String.format("</g>%n"));
        }
        return svg.append(String.format("</svg>%n")).toString();
    }

    private static void draw(StringBuilder svg, String name, Distribution distribution) {
        int bins = distribution.counts().length;
        long most = 1;
        for (long count : distribution.counts()) {
            most = Math.max(most, count);
        }
        int floor = HEIGHT - MARGIN;
        double width = (double) BARS / bins;
        for (int bin = 0; bin < bins; bin++) {
            double height = (double) (floor - MARGIN) * distribution.counts()[bin] / most;
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#4477aa\"><title>%d from %.3f"
                            + "</title></rect>%n",
                    bin * width,
                    floor - height,
                    width - 1,
                    height,
                    distribution.counts()[bin],
                    distribution.from(bin)));
        }
        text(svg, 0, MARGIN - 16, "start", name + " in nats a token, " + distribution.count() + " adapters");
        text(svg, 0, floor + 16, "start", number(distribution.least()));
        text(svg, BARS / 2, floor + 16, "middle", "median " + number(distribution.median()));
        text(svg, BARS, floor + 16, "end", number(distribution.most()));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static void text(StringBuilder svg, int x, int y, String anchor, String text) {
        svg.append(String.format(
                Locale.ROOT, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, text));
    }
}
