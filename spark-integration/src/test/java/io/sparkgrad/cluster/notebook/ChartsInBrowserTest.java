package io.sparkgrad.cluster.notebook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Charts and tables in a browser, on a light and on a dark page: every text has its contrast, none
 * is cut off, none lies on another.
 */
@Tag("tools")
class ChartsInBrowserTest {
  private static final List<String> LOSSES = List.of("loss", "validation loss");

  /** Of the page around a chart, and of what its reader prefers where there is none. */
  enum Colors {
    LIGHT("#ffffff", "#222222"),
    ZEPPELINS_DARK("#1c1f26", "#d5d5d5"),
    BLACK("#000000", "#ffffff");

    final String background;
    final String text;

    Colors(String background, String text) {
      this.background = background;
      this.text = text;
    }
  }

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void whatACellShowsIsReadable(Colors colors) throws Exception {
    StringBuilder shown = new StringBuilder();
    for (Map<String, List<Double>> series : runs()) shown.append(Display.html(series, LOSSES));
    Look look = look(colors, shown.append(matrix().html()).toString());
    assertEquals("", look.faults());
    assertTrue(look.texts() > 300, () -> look.texts() + " texts");
  }

  /** The file alone takes the colours that its reader prefers. */
  @ParameterizedTest
  @EnumSource(names = {"LIGHT", "BLACK"})
  void aChartInAFileOfItsOwnIsReadable(Colors preferred) throws Exception {
    String svg = Display.svg(runs().get(0), LOSSES);
    Files.writeString(folder.resolve("chart.svg"), svg);
    Look look =
        look(
            preferred,
            "<iframe src=\"chart.svg\" style=\"width:1000px;height:700px;border:0;color-scheme:%s\"></iframe>"
                .formatted(preferred == Colors.LIGHT ? "light" : "dark"));
    assertEquals("", look.faults());
    assertTrue(look.texts() > 20, () -> look.texts() + " texts");
  }

  /** The check sees what it looks for. */
  @Test
  void whatCannotBeReadIsFound() throws Exception {
    String svg =
        "<svg width=\"200\" height=\"100\"><g><text x=\"10\" y=\"20\" fill=\"#eeeeee\">pale</text>"
            + "<text x=\"180\" y=\"50\">cut off</text><text x=\"10\" y=\"80\">one</text>"
            + "<text x=\"12\" y=\"82\">other</text></g></svg>";
    String faults = look(Colors.LIGHT, svg).faults();
    assertTrue(faults.contains("'pale' has a contrast of 1.2"), faults);
    assertTrue(faults.contains("'cut off' is cut off"), faults);
    assertTrue(faults.contains("'one' lies on 'other'"), faults);
  }

  /** Short and long runs, near and far numbers, names of any length. */
  private static List<Map<String, List<Double>>> runs() {
    Map<String, List<Double>> usual = new LinkedHashMap<>();
    usual.put("loss", IntStream.rangeClosed(1, 20).mapToObj(e -> 2.0 / e).toList());
    usual.put("validation loss", IntStream.rangeClosed(1, 20).mapToObj(e -> 2.5 / e).toList());
    usual.put("accuracy", IntStream.rangeClosed(1, 20).mapToObj(e -> 1 - 0.5 / e).toList());
    usual.put(
        "mean absolute percentage error of the second head in all the rows", List.of(0.5, 0.25));
    usual.put(
        "\u7cbe\u5ea6\u7cbe\u5ea6\u7cbe\u5ea6\u7cbe\u5ea6\u7cbe\u5ea6\u7cbe\u5ea6\u7cbe\u5ea6\u7cbe\u5ea6\u7cbe\u5ea6",
        List.of(0.5, 1.0));
    Map<String, List<Double>> decades = new LinkedHashMap<>();
    decades.put("loss", List.of(1e4, 1.0, 1.234e-10));
    decades.put("validation loss", List.of(1e5, 10.0, 1.234e-9));
    List<Map<String, List<Double>>> runs = new ArrayList<>(List.of(usual, decades));
    for (List<Double> losses :
        List.of(
            List.of(0.7),
            List.of(-9_000_000.0, -1_000_000.0),
            List.of(-3e8, 1e8),
            List.of(1234.0001, 1234.0006),
            List.of(1e-300, 1e300),
            Collections.nCopies(1_200, 0.25),
            Collections.nCopies(98_765, 0.25))) runs.add(Map.of("loss", losses));
    return runs;
  }

  private static ConfusionMatrix matrix() {
    return new ConfusionMatrix(
        List.of("apple", "a pear with a long name", "2"),
        new long[][] {{1_000_000, 0, 3}, {1, 70, 29}, {0, 50, 50}});
  }

  /** What a browser sees. */
  private record Look(String faults, int texts) {}

  private Look look(Colors colors, String body) throws Exception {
    Path page = folder.resolve("page.html");
    Files.writeString(
        page,
        "<!DOCTYPE html><html><meta charset=\"utf-8\"><body style=\"margin:8px;background:%s;color:%s\">%s<script>%s</script></body></html>"
            .formatted(
                colors.background,
                colors.text,
                body,
                new String(
                    ChartsInBrowserTest.class.getResourceAsStream("look.js").readAllBytes())));
    String dom =
        chromium(
            "--blink-settings=preferredColorScheme=" + (colors == Colors.LIGHT ? 1 : 0),
            "--dump-dom",
            page.toUri().toString());
    Matcher found =
        Pattern.compile("(?s)<pre id=\"faults\" data-texts=\"(\\d+)\">(.*?)</pre>").matcher(dom);
    assertTrue(found.find(), dom);
    return new Look(found.group(2), Integer.parseInt(found.group(1)));
  }

  private String chromium(String... options) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "chromium",
                "--headless=new",
                "--no-sandbox", // as root
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--allow-file-access-from-files",
                "--window-size=1000,3000",
                "--virtual-time-budget=10000",
                "--user-data-dir=" + folder.resolve("profile")));
    command.addAll(List.of(options));
    File log = folder.resolve("log.txt").toFile();
    Process browser = start(new ProcessBuilder(command).redirectError(log));
    String printed = new String(browser.getInputStream().readAllBytes());
    assertEquals(0, browser.waitFor(), Files.readString(log.toPath()));
    return printed;
  }

  private static Process start(ProcessBuilder browser) {
    try {
      return browser.start();
    } catch (IOException e) {
      throw new AssertionError("charts are looked at in chromium: apt-get install chromium", e);
    }
  }
}
