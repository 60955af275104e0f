package io.sparkgrad.cluster.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LossPlotTest {
  @Test
  void theFileIsAPictureWithTheCurveWhereItBelongs() throws IOException {
    List<Double> losses = List.of(2.0, 1.5, 0.5, 1.0);
    BufferedImage image = image(Map.of("loss", losses));
    assertEquals(900, image.getWidth());
    assertEquals(540, image.getHeight());
    /* Linear from 0 to 2 between the grid lines at 64 and 472; epochs 1 to 4 between 84 and 864. */
    int[][] points = {{84, 64}, {344, 166}, {604, 370}, {864, 268}};
    for (int[] p : points) assertEquals(LossPlot.COLORS[0], color(image, p[0], p[1]));
    assertEquals(LossPlot.COLORS[0], color(image, (84 + 344) / 2, (64 + 166) / 2)); // the line
    assertEquals(Color.WHITE, color(image, 604, 290));
    assertEquals(Color.WHITE, color(image, 1, 1));
  }

  @Test
  void moreThanTwoDecadesAreLogarithmic() {
    LossPlot plot = new LossPlot(Map.of("loss", List.of(100.0, 1.0, 0.1)));
    assertEquals(64, plot.y(100), 1e-9);
    assertEquals(64 + 408 / 3.0, plot.y(10), 1e-9);
    assertEquals(472, plot.y(0.1), 1e-9);
    LossPlot linear = new LossPlot(Map.of("loss", List.of(100.0, 1.0)));
    assertEquals(64 + 408 / 2.0, linear.y(50), 1e-9);
  }

  @Test
  void aSecondSeriesHasItsOwnColourAndMayBeShorter() throws IOException {
    Map<String, List<Double>> series = new LinkedHashMap<>();
    series.put("loss", List.of(1.0, 1.0, 1.0));
    series.put("validation loss", List.of(2.0, 2.0));
    BufferedImage image = image(series);
    LossPlot plot = new LossPlot(series);
    assertEquals(LossPlot.COLORS[0], color(image, (int) plot.x(3), (int) plot.y(1)));
    assertEquals(LossPlot.COLORS[1], color(image, (int) plot.x(2), (int) plot.y(2)));
    assertEquals(LossPlot.COLORS[1], color(image, (int) plot.x(1) + 100, (int) plot.y(2)));
    assertTrue(!LossPlot.COLORS[1].equals(color(image, (int) plot.x(3), (int) plot.y(2))));
  }

  static Stream<List<Double>> oddSeries() {
    double nan = Double.NaN;
    double huge = Double.MAX_VALUE;
    return Stream.of(
        List.of(),
        List.of(0.7),
        List.of(0.0),
        List.of(nan),
        List.of(-1.0, -1.0),
        List.of(0.5, nan, Double.POSITIVE_INFINITY, 0.3),
        List.of(1e-300, 1e300),
        List.of(-huge, huge, 1.0),
        List.of(1e9, 1e9 + 1),
        List.of(1e-12, 2e-12),
        Collections.nCopies(100_000, 0.25));
  }

  /** Whatever a run can give, there is a picture within its frame. */
  @ParameterizedTest(name = "{index}")
  @MethodSource("oddSeries")
  void anOddSeriesIsDrawn(List<Double> losses) throws IOException {
    LossPlot plot = new LossPlot(Map.of("loss", losses));
    for (double d : losses)
      if (Math.abs(d) <= 1e300)
        assertTrue(plot.y(d) >= 63.9 && plot.y(d) <= 472.1, losses.get(0) + ": " + plot.y(d));
    assertEquals(900, image(Map.of("loss", losses)).getWidth());
  }

  private static BufferedImage image(Map<String, List<Double>> series) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(new LossPlot(series).png()));
  }

  private static Color color(BufferedImage image, int x, int y) {
    return new Color(image.getRGB(x, y));
  }
}
