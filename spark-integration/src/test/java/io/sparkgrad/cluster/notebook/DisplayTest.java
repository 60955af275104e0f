package io.sparkgrad.cluster.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.zeppelin.interpreter.InterpreterContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class DisplayTest {
  private static final List<String> LOSSES = List.of("loss", "validation loss");

  private final Map<String, List<Double>> series = new LinkedHashMap<>();

  DisplayTest() {
    series.put("loss", List.of(0.9, 0.5, 0.25));
    series.put("validation loss", List.of(1.0, Double.NaN, 0.5));
    series.put("accuracy <%> & \"more\"\t\u0007", List.of(0.5, 0.75, 1.0));
  }

  @AfterEach
  void leaveZeppelin() {
    InterpreterContext.remove();
  }

  @Test
  void elsewhereATableIsAlignedText() {
    assertEquals(
        """
        epoch    loss  validation loss  accuracy <%> & "more" \s
            1  0.9000           1.0000                   0.5000
            2  0.5000              NaN                   0.7500
            3  0.2500           0.5000                   1.0000
        """,
        Display.table(series));
  }

  @Test
  void manyEpochsAreAScreenThatEndsWithTheLast() {
    List<Double> many = IntStream.rangeClosed(1, 1003).mapToObj(i -> (double) i).toList();
    List<String> lines = Display.table(Map.of("loss", many)).lines().toList();
    assertTrue(lines.size() <= 41, () -> "" + lines.size());
    assertEquals("1003 1003.0", lines.get(lines.size() - 1).strip().replaceAll(" +", " "));
  }

  /** Zeppelin ends a table at an empty line, where the shell's echo would become a row of it. */
  @Test
  void inZeppelinATableEndsBeforeTheEcho() {
    InterpreterContext.set(new InterpreterContext());
    String table = Display.table(series);
    assertTrue(table.startsWith("%table epoch\tloss\tvalidation loss\taccuracy"), table);
    assertTrue(table.endsWith("0.2500\t0.5000\t1.0000\n\n%text "), table);
    assertEquals(
        4, table.lines().filter(l -> l.chars().filter(c -> c == '\t').count() == 3).count());
    String html = Display.html(series, LOSSES);
    assertTrue(html.startsWith("%html <div><svg ") && html.endsWith("</div>\n%text "), html);
    assertEquals(1, html.lines().filter(l -> l.startsWith("%html")).count());
  }

  @Test
  void aTableThatGrowsIsFlushedRowByRow() {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    PrintStream buffered =
        new PrintStream(new java.io.BufferedOutputStream(shown), false, StandardCharsets.UTF_8);
    try (LiveTable table = new LiveTable(buffered, true)) {
      table.add(1, Map.of("loss", 0.5));
      assertEquals("%table epoch\tloss\n1\t0.5000\n", shown.toString(StandardCharsets.UTF_8));
    }
    assertTrue(shown.toString(StandardCharsets.UTF_8).endsWith("0.5000\n\n%text "));
    shown.reset();
    try (LiveTable table = new LiveTable(buffered, false)) {
      table.add(1, Map.of("a long name of a metric", 0.5));
      table.add(2, Map.of("a long name of a metric", 0.25));
    }
    assertEquals(
        """
             epoch  a long name of a metric
                 1                   0.5000
                 2                   0.2500
        """,
        shown.toString(StandardCharsets.UTF_8));
    shown.reset();
    new LiveTable(buffered, true).close();
    assertEquals(0, shown.size(), "a fit that failed before its first epoch shows no table");
  }

  @Test
  void theChartHasALineASeriesAndAPanelAUnit() throws Exception {
    Element svg = xml(Display.svg(series, LOSSES)).getDocumentElement();
    assertEquals("svg", svg.getTagName());
    assertEquals(2, svg.getElementsByTagName("g").getLength()); // losses, accuracy
    NodeList paths = svg.getElementsByTagName("path");
    assertEquals(3, paths.getLength());
    String gap = ((Element) paths.item(1)).getAttribute("d");
    assertEquals(2, gap.chars().filter(c -> c == 'M').count(), gap);
    assertEquals(0, gap.chars().filter(c -> c == 'L').count(), gap);
    assertEquals(8, svg.getElementsByTagName("circle").getLength());
    assertTrue(svg.getTextContent().contains("accuracy <%> & \"more\""), svg.getTextContent());
  }

  /** On a page its own style decides; alone, the reader's. No colour is written for a text. */
  @Test
  void theChartHasTheColoursOfItsSurroundings() throws Exception {
    String text = Display.svg(series, LOSSES);
    Element svg = xml(text).getDocumentElement();
    assertEquals("currentColor", svg.getAttribute("fill"));
    String style = svg.getElementsByTagName("style").item(0).getTextContent();
    assertTrue(style.contains("@media(prefers-color-scheme:dark){svg:root{"), style);
    for (String rule : style.split("}"))
      if (rule.contains("{")) assertTrue(rule.contains("svg:root"), rule); // void within a page
    NodeList texts = svg.getElementsByTagName("text");
    for (int i = 0; i < texts.getLength(); i++)
      assertFalse(((Element) texts.item(i)).hasAttribute("fill"));
  }

  /**
   * Whatever a run can give, there is a chart without NaN in its coordinates, and a page that
   * parses.
   */
  @Test
  void oddSeries() throws Exception {
    double nan = Double.NaN;
    for (List<Double> losses :
        List.of(
            List.<Double>of(),
            List.of(0.7),
            List.of(nan, nan),
            List.of(0.5, nan, Double.POSITIVE_INFINITY, 0.3),
            List.of(-Double.MAX_VALUE, 1e300),
            new ArrayList<>(Collections.nCopies(100_000, 0.25)))) {
      String svg = Display.svg(Map.of("loss", losses), LOSSES);
      NodeList drawn = xml(svg).getElementsByTagName("path");
      for (int i = 0; i < drawn.getLength(); i++)
        assertFalse(((Element) drawn.item(i)).getAttribute("d").matches(".*(NaN|Infinity).*"));
      assertTrue(svg.length() < 100_000, () -> losses.size() + ": " + svg.length());
      xml(Display.html(Map.of("loss", losses), LOSSES));
    }
    xml(Display.svg(Map.of(), LOSSES));
  }

  private static Document xml(String text) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(text)));
  }
}
