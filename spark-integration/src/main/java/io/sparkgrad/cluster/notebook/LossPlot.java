package io.sparkgrad.cluster.notebook;

import java.awt.AWTError;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * Draws series of one number an epoch as a PNG, on one {@link Axis}; numbers that are not finite
 * leave a gap. Not thread-safe.
 */
public final class LossPlot {
  static final int WIDTH = 900;
  static final int HEIGHT = 540;
  static final Color[] COLORS = { // distinct to colour-blind readers too (Okabe and Ito)
    new Color(0x0072B2), new Color(0xD55E00), new Color(0x009E73), new Color(0xCC79A7)
  };
  private static final int LEFT = 84; // or more, where the axis has long labels
  private static final int CHARACTER = 10; // width of one of a label, at most
  private static final int RIGHT = WIDTH - 36;
  private static final int TOP = 64;
  private static final int BOTTOM = HEIGHT - 68;
  private static final Color TEXT = new Color(0x333333);
  private static final Color FAINT = new Color(0x777777);
  private static final Color GRID = new Color(0xE6E6E6);
  private static final int MARKED_EPOCHS = 30; // up to here each epoch has a dot

  private final Map<String, List<Double>> series;
  private final int epochs;
  private final Axis axis;
  private final int left;

  public LossPlot(Map<String, List<Double>> series) {
    this.series = series;
    this.epochs = series.values().stream().mapToInt(List::size).max().orElse(0);
    this.axis = new Axis(series.values());
    this.left = Math.max(LEFT, CHARACTER * axis.labelLength());
  }

  /**
   * Encodes the picture, {@value #WIDTH} x {@value #HEIGHT} pixels.
   *
   * @throws IllegalStateException if Java finds no fonts to write with
   */
  public byte[] png() {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.write(image(), "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return png.toByteArray();
  }

  BufferedImage image() {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    try {
      Graphics2D g = image.createGraphics();
      draw(g);
      g.dispose();
    } catch (AWTError | InternalError | LinkageError | RuntimeException e) {
      /* Any of these may say that a slim machine has no fontconfig. */
      throw new IllegalStateException(
          "cannot draw the plot; if fonts are missing, install fontconfig and one font, e.g. apt-get install fontconfig fonts-dejavu-core: %s"
              .formatted(e),
          e);
    }
    return image;
  }

  private void draw(Graphics2D g) {
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, WIDTH, HEIGHT);
    axes(g);
    int i = 0;
    for (List<Double> s : series.values()) curve(g, s, COLORS[i++ % COLORS.length]);
    legend(g);
  }

  /** The x coordinate, in pixels, of an epoch counted from 1. */
  double x(int epoch) {
    if (epochs <= 1) return (left + RIGHT) / 2.0;
    return left + (RIGHT - left) * (epoch - 1.0) / (epochs - 1);
  }

  /** The y coordinate, in pixels, of a number. */
  double y(double value) {
    return BOTTOM - (BOTTOM - TOP) * axis.position(value);
  }

  private void axes(Graphics2D g) {
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    for (double value : axis.ticks()) yTick(g, value);
    for (int epoch : Axis.epochTicks(epochs, (RIGHT - left) / CHARACTER)) {
      int x = (int) Math.round(x(epoch));
      g.setColor(FAINT);
      g.drawLine(x, BOTTOM, x, BOTTOM + 5);
      g.setColor(TEXT);
      centered(g, String.format(Locale.ROOT, "%,d", epoch), x, BOTTOM + 24);
    }
    g.setColor(FAINT);
    g.drawLine(left, BOTTOM, RIGHT, BOTTOM);
    g.setColor(TEXT);
    g.setFont(g.getFont().deriveFont(15f));
    centered(g, "epoch", (left + RIGHT) / 2, HEIGHT - 16);
  }

  private void yTick(Graphics2D g, double value) {
    int y = (int) Math.round(y(value));
    g.setColor(GRID);
    g.drawLine(left, y, RIGHT, y);
    g.setColor(TEXT);
    String text = axis.label(value);
    FontMetrics metrics = g.getFontMetrics();
    g.drawString(text, left - 12 - metrics.stringWidth(text), y + metrics.getAscent() / 2 - 1);
  }

  private static void centered(Graphics2D g, String text, int x, int y) {
    g.drawString(text, x - g.getFontMetrics().stringWidth(text) / 2, y);
  }

  private void curve(Graphics2D g, List<Double> s, Color color) {
    Path2D line = new Path2D.Double();
    boolean down = false;
    for (int e = 1; e <= s.size(); e++) {
      double value = s.get(e - 1);
      if (Axis.isDrawn(value)) {
        if (down) line.lineTo(x(e), y(value));
        else line.moveTo(x(e), y(value));
      }
      down = Axis.isDrawn(value);
    }
    g.setColor(color);
    g.setStroke(new BasicStroke(2.4f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    g.draw(line);
    for (int e = 1; e <= s.size(); e++) {
      boolean last = e == s.size();
      if (Axis.isDrawn(s.get(e - 1)) && (last || epochs <= MARKED_EPOCHS))
        dot(g, x(e), y(s.get(e - 1)), last ? 5 : 3);
    }
  }

  private static void dot(Graphics2D g, double x, double y, double radius) {
    g.fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
  }

  /** Names and last values above the picture: outside, where no curve can run through them. */
  private void legend(Graphics2D g) {
    Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, 15);
    int x = left;
    int i = 0;
    for (Map.Entry<String, List<Double>> s : series.entrySet()) {
      g.setColor(COLORS[i++ % COLORS.length]);
      dot(g, x + 5, 32, 5);
      x = text(g, s.getKey(), plain.deriveFont(Font.BOLD), TEXT, x + 18);
      List<Double> values = s.getValue();
      if (!values.isEmpty())
        x = text(g, Numbers.text(values.get(values.size() - 1)), plain, FAINT, x + 8);
      x += 32;
    }
    if (axis.isLogarithmic()) {
      String scale = "logarithmic scale";
      g.setFont(plain.deriveFont(13f));
      text(g, scale, g.getFont(), FAINT, RIGHT - g.getFontMetrics().stringWidth(scale));
    }
  }

  /** Draws on the line of the legend; returns where the text ends. */
  private static int text(Graphics2D g, String text, Font font, Color color, int x) {
    g.setFont(font);
    g.setColor(color);
    g.drawString(text, x, 37);
    return x + g.getFontMetrics().stringWidth(text);
  }
}
