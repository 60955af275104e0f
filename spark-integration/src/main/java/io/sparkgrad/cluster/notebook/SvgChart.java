package io.sparkgrad.cluster.notebook;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Draws series of one number an epoch as SVG: the losses in one panel, each other series in one of
 * its own, as units differ. Numbers that are not finite leave a gap.
 *
 * <p>Texts and lines have the colour of the text around the chart. In a file of its own it brings
 * colours for light and dark, by what the reader prefers.
 */
final class SvgChart {
  /* svg:root matches only where the chart is the whole document; the rules are void within a page, whose own style decides. */
  private static final String STYLE =
      "<style>svg:root{color:#222;background:#fff}"
          + "@media(prefers-color-scheme:dark){svg:root{color:#ddd;background:#181a1f}}</style>";

  /* Readable on white and on black, distinct to colour-blind readers too (Okabe and Ito, a shade lighter). */
  private static final String[] COLORS = {"#2f8fd0", "#d9660f", "#0e9f78", "#c2699a"};

  private static final int WIDTH = 460; // of a panel
  private static final int HEIGHT = 280;
  private static final int LEFT = 62;
  private static final int RIGHT = WIDTH - 18;
  private static final int TOP = 40;
  private static final int BOTTOM = HEIGHT - 44;
  private static final int MARKED_EPOCHS = 30; // up to here each epoch has a dot
  private static final int POINTS = 1000; // of a curve, at most

  private final StringBuilder svg = new StringBuilder();

  private SvgChart() {}

  /**
   * @param together names of the series that share a panel
   */
  static String of(Map<String, List<Double>> series, List<String> together) {
    return new SvgChart().draw(panels(series, together));
  }

  private static List<Map<String, List<Double>>> panels(
      Map<String, List<Double>> series, List<String> together) {
    List<Map<String, List<Double>>> panels = new ArrayList<>();
    Map<String, List<Double>> first = new LinkedHashMap<>(series);
    first.keySet().retainAll(together);
    if (!first.isEmpty()) panels.add(first);
    series.forEach(
        (name, s) -> {
          if (!together.contains(name)) panels.add(Map.of(name, s));
        });
    return panels;
  }

  private String draw(List<Map<String, List<Double>>> panels) {
    int columns = Math.min(2, panels.size());
    int width = WIDTH * columns;
    int height = HEIGHT * ((panels.size() + 1) / 2);
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" "
            + "font-family=\"sans-serif\" font-size=\"12\" fill=\"currentColor\" style=\"max-width:100%%;height:auto\">",
        width, height, width, height);
    svg.append(STYLE);
    for (int p = 0; p < panels.size(); p++) {
      add("<g transform=\"translate(%d %d)\">", WIDTH * (p % 2), HEIGHT * (p / 2));
      panel(panels.get(p));
      svg.append("</g>");
    }
    return svg.append("</svg>").toString();
  }

  private void panel(Map<String, List<Double>> series) {
    Axis axis = new Axis(series.values());
    int epochs = series.values().stream().mapToInt(List::size).max().orElse(0);
    for (double tick : axis.ticks()) {
      double y = y(axis, tick);
      line(LEFT, y, RIGHT, y, 0.15);
      text(LEFT - 8, y + 4, "end", axis.label(tick));
    }
    for (int epoch : Axis.epochTicks(epochs)) {
      double x = x(epoch, epochs);
      line(x, BOTTOM, x, BOTTOM + 4, 0.6);
      text(x, BOTTOM + 18, "middle", Integer.toString(epoch));
    }
    line(LEFT, BOTTOM, RIGHT, BOTTOM, 0.6);
    text((LEFT + RIGHT) / 2.0, HEIGHT - 8, "middle", "epoch");
    legend(series, axis);
    int i = 0;
    for (List<Double> s : series.values()) curve(s, epochs, axis, COLORS[i++ % COLORS.length]);
  }

  /** Names and last values above the curves, one after the other however long they are. */
  private void legend(Map<String, List<Double>> series, Axis axis) {
    add("<text x=\"%d\" y=\"22\" xml:space=\"preserve\">", LEFT);
    int i = 0;
    for (Map.Entry<String, List<Double>> s : series.entrySet()) {
      add("<tspan fill=\"%s\">%s\u25cf </tspan>", COLORS[i % COLORS.length], i == 0 ? "" : "   ");
      add("<tspan font-weight=\"bold\">%s</tspan>", Numbers.escaped(s.getKey()));
      if (!s.getValue().isEmpty())
        add(" %s", Numbers.text(s.getValue().get(s.getValue().size() - 1)));
      i++;
    }
    if (axis.isLogarithmic()) svg.append("<tspan opacity=\"0.7\">   logarithmic scale</tspan>");
    svg.append("</text>");
  }

  private void curve(List<Double> s, int epochs, Axis axis, String color) {
    StringBuilder path = new StringBuilder();
    int every = Math.max(1, s.size() / POINTS);
    boolean down = false;
    for (int e = 1; e <= s.size(); e++) {
      if (e % every != 0 && e != 1 && e != s.size()) continue;
      boolean drawn = Axis.isDrawn(s.get(e - 1));
      if (drawn)
        path.append(
            String.format(
                Locale.ROOT, "%s%.1f %.1f", down ? "L" : "M", x(e, epochs), y(axis, s.get(e - 1))));
      down = drawn;
    }
    if (path.length() > 0)
      add(
          "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-linejoin=\"round\" stroke-linecap=\"round\"/>",
          path, color);
    for (int e = 1; e <= s.size(); e++) {
      boolean last = e == s.size();
      if (Axis.isDrawn(s.get(e - 1)) && (last || epochs <= MARKED_EPOCHS))
        add(
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%d\" fill=\"%s\"><title>epoch %d: %s</title></circle>",
            x(e, epochs),
            y(axis, s.get(e - 1)),
            last ? 4 : 2,
            color,
            e,
            Numbers.text(s.get(e - 1)));
    }
  }

  private static double x(int epoch, int epochs) {
    if (epochs <= 1) return (LEFT + RIGHT) / 2.0;
    return LEFT + (RIGHT - LEFT) * (epoch - 1.0) / (epochs - 1);
  }

  private static double y(Axis axis, double value) {
    return BOTTOM - (BOTTOM - TOP) * axis.position(value);
  }

  private void line(double x1, double y1, double x2, double y2, double opacity) {
    add(
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"currentColor\" stroke-opacity=\"%.2f\"/>",
        x1, y1, x2, y2, opacity);
  }

  private void text(double x, double y, String anchor, String text) {
    add(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
        x, y, anchor, Numbers.escaped(text));
  }

  private void add(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments));
  }
}
