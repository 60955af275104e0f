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
  private static final int LEFT = 62; // or more, where the axis has long labels
  private static final int RIGHT = WIDTH - 18;
  private static final int TOP = 40;
  private static final int BOTTOM = HEIGHT - 44;
  private static final int CHARACTER = 8; // width of one of 12 pixels, in the widest usual font
  private static final int LEGEND = 14; // characters of an entry beside its name, at most
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
      new Panel(panels.get(p)).draw();
      svg.append("</g>");
    }
    return svg.append("</svg>").toString();
  }

  /** Curves on one axis. */
  private final class Panel {
    private final Map<String, List<Double>> series;
    private final int epochs;
    private final Axis axis;
    private final int left;

    Panel(Map<String, List<Double>> series) {
      this.series = series;
      this.epochs = series.values().stream().mapToInt(List::size).max().orElse(0);
      this.axis = new Axis(series.values());
      this.left = Math.max(LEFT, CHARACTER * (axis.labelLength() + 2));
    }

    void draw() {
      for (double tick : axis.ticks()) {
        double y = y(tick);
        line(left, y, RIGHT, y, 0.15);
        text(left - 8, y + 4, "end", axis.label(tick));
      }
      for (int epoch : Axis.epochTicks(epochs, (RIGHT - left) / CHARACTER)) {
        double x = x(epoch);
        line(x, BOTTOM, x, BOTTOM + 4, 0.6);
        text(x, BOTTOM + 18, "middle", Integer.toString(epoch));
      }
      line(left, BOTTOM, RIGHT, BOTTOM, 0.6);
      text((left + RIGHT) / 2.0, HEIGHT - 8, "middle", "epoch");
      if (axis.isLogarithmic()) text(8, HEIGHT - 8, "start", "logarithmic scale");
      legend();
      int i = 0;
      for (List<Double> s : series.values()) curve(s, COLORS[i++ % COLORS.length]);
    }

    /** Names and last values above the curves; names are cut where there is no room for all. */
    private void legend() {
      int names = series.keySet().stream().mapToInt(SvgChart::width).sum();
      int room = (WIDTH - LEFT) / CHARACTER - LEGEND * series.size();
      add("<text x=\"%d\" y=\"22\" xml:space=\"preserve\"><title>", LEFT);
      svg.append(Numbers.escaped(String.join(", ", series.keySet()))).append("</title>");
      int i = 0;
      for (Map.Entry<String, List<Double>> s : series.entrySet()) {
        String name = names <= room ? s.getKey() : cut(s.getKey(), room / series.size());
        add("<tspan fill=\"%s\">%s\u25cf </tspan>", COLORS[i % COLORS.length], i == 0 ? "" : "   ");
        add("<tspan font-weight=\"bold\">%s</tspan>", Numbers.escaped(name));
        if (!s.getValue().isEmpty())
          add(" %s", Numbers.text(s.getValue().get(s.getValue().size() - 1)));
        i++;
      }
      svg.append("</text>");
    }

    private void curve(List<Double> s, String color) {
      StringBuilder path = new StringBuilder();
      int every = Math.max(1, s.size() / POINTS);
      boolean down = false;
      for (int e = 1; e <= s.size(); e++) {
        if (e % every != 0 && e != 1 && e != s.size()) continue;
        boolean drawn = Axis.isDrawn(s.get(e - 1));
        if (drawn)
          path.append(
              String.format(Locale.ROOT, "%s%.1f %.1f", down ? "L" : "M", x(e), y(s.get(e - 1))));
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
              x(e), y(s.get(e - 1)), last ? 4 : 2, color, e, Numbers.text(s.get(e - 1)));
      }
    }

    private double x(int epoch) {
      if (epochs <= 1) return (left + RIGHT) / 2.0;
      return left + (RIGHT - left) * (epoch - 1.0) / (epochs - 1);
    }

    private double y(double value) {
      return BOTTOM - (BOTTOM - TOP) * axis.position(value);
    }
  }

  /** In characters of Latin script; those of others are up to twice as wide. */
  private static int width(String text) {
    return text.codePoints().map(SvgChart::width).sum();
  }

  private static int width(int character) {
    return character < 0x1100 ? 1 : 2;
  }

  private static String cut(String name, int room) {
    StringBuilder cut = new StringBuilder();
    int used = 1; // by the dots
    for (int c : name.codePoints().toArray()) {
      used += width(c);
      if (used > room) break;
      cut.appendCodePoint(c);
    }
    return width(name) <= room ? name : cut.append('\u2026').toString();
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
