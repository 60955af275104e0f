package io.sparkgrad.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.fuzz.Comparison.Disagreement;
import io.sparkgrad.fuzz.Comparison.Level;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random programs give in sparkgrad what they give in PyTorch 1.13. {@code -Dcount=6000 -Dseed=7}
 * draws others; {@code -Dreport=DIR} writes a file for each kind of disagreement, {@code
 * -Dcorpus=FILE} adds their small programs to those that {@link CorpusTest} runs.
 */
@Tag("tools")
class DifferentialFuzzTest {
  private static final long SEED = Long.getLong("seed", 1);
  private static final int COUNT = Integer.getInteger("count", 2000);
  private static final String REPORT = System.getProperty("report");
  private static final String CORPUS = System.getProperty("corpus");
  /* The shares of programs that must agree. */
  private static final double NUMBERS = 0.965;
  private static final double EVERYTHING = 0.95;
  /* So many programs draw each method. */
  private static final int COVERING = 1000;

  private final Map<String, Integer> draws = new TreeMap<>();
  private final List<Found> disagreements = new ArrayList<>();
  /* Of each method, that agrees and in which it gives no error. */
  private final Map<String, Program> smallest = new TreeMap<>();

  private record Found(Program program, Disagreement disagreement) {}

  @Test
  void programsGiveWhatTheyGiveInPyTorch() throws IOException {
    List<Method> methods = Catalog.drawn();
    ProgramGenerator.Deck deck = new ProgramGenerator.Deck(methods, SEED);
    int numbers = 0;
    int everything = 0;
    int crashed = 0;
    Map<String, Kind> kinds = Map.of();
    StringBuilder unknown = new StringBuilder();
    try (Torch torch = new Torch()) {
      assertEquals(
          List.of(),
          torch.missing(counterparts(methods)),
          "methods without a counterpart: add them to the page");
      for (int i = 0; i < COUNT; i++) {
        ProgramGenerator.Generated g = ProgramGenerator.generate(SEED * 1_000_003 + i, deck);
        count(g.program());
        JsonNode theirs = torch.observations(g.program());
        if (theirs == null) {
          crashed++;
          continue;
        }
        List<Disagreement> found = Comparison.of(g.program(), theirs, g.observations());
        if (found.isEmpty()) everything++;
        if (found.isEmpty() && CORPUS != null) keepSmallest(g.program(), theirs);
        if (found.stream().noneMatch(d -> d.level() == Level.NUMBERS)) numbers++;
        if (!found.isEmpty()) {
          Disagreement worst =
              found.stream()
                  .filter(d -> d.level() == Level.NUMBERS)
                  .findFirst()
                  .orElse(found.get(0));
          disagreements.add(new Found(g.program(), worst));
        }
      }
      if (REPORT != null || CORPUS != null) {
        kinds = kinds(torch);
        for (var e : kinds.entrySet())
          if (e.getValue().known == null) unknown.append(text(torch, e));
        if (REPORT != null) write(torch, kinds);
        if (CORPUS != null) {
          Corpus.add(Path.of(CORPUS), kinds.values().stream().map(k -> k.program).toList(), torch);
          Corpus.cover(Path.of(CORPUS), smallest, torch);
        }
      }
    }
    int compared = COUNT - crashed;
    System.out.printf(
        Locale.ROOT,
        "seed %d: %d programs (%d more crash PyTorch), %.2f %% agree in numbers, types, shapes and errors, %.2f %% in everything%n",
        SEED,
        compared,
        crashed,
        100.0 * numbers / compared,
        100.0 * everything / compared);
    System.out.println("draws a method: " + draws);
    List<String> never =
        methods.stream().map(Catalog::signature).filter(s -> !draws.containsKey(s)).toList();
    if (COUNT >= COVERING) assertEquals(List.of(), never, "methods never drawn");
    assertTrue(numbers >= NUMBERS * compared, numbers + " of " + compared + " agree in numbers");
    assertTrue(
        everything >= EVERYTHING * compared,
        everything + " of " + compared + " agree in everything");
  }

  private void count(Program program) {
    for (Statement s : program.statements())
      if (s instanceof Statement.Call c) draws.merge(c.signature(), 1, Integer::sum);
  }

  private void keepSmallest(Program program, JsonNode torch) {
    for (int i = 0; i < program.statements().size(); i++)
      if (program.statements().get(i) instanceof Statement.Call c
          && !torch.get("statements").get(i).has("error"))
        smallest.merge(
            c.signature(), program, (a, b) -> a.json().length() <= b.json().length() ? a : b);
  }

  private static List<Map<String, Object>> counterparts(List<Method> methods) {
    return methods.stream()
        .map(
            m ->
                Map.<String, Object>of(
                    "method", m.getName(),
                    "parameters", Catalog.parameters(m),
                    "static", Modifier.isStatic(m.getModifiers())))
        .toList();
  }

  // ---- reports

  /** A disagreement made small, and how many programs show it. */
  private static final class Kind {
    private final Program program;
    private final Disagreement disagreement;
    private final KnownDifference known;
    private int count;

    Kind(Program program, Disagreement disagreement, KnownDifference known) {
      this.program = program;
      this.disagreement = disagreement;
      this.known = known;
    }
  }

  /* By level, method and what disagrees; numbers and names in texts make no other kind. */
  private static String kind(Program small, Disagreement d) {
    String what = d.what().split(" of ")[0];
    String texts = what.equals("gradFn") || what.equals("dtype") ? d.torch() + " " + d.ours() : "";
    String error =
        what.equals("error") ? (d.torch().startsWith("{\"error") ? d.torch() : d.ours()) : "";
    return "%s %s %s %s%s"
        .formatted(d.level(), blamed(small), what, texts, cut(error.replaceAll("[0-9-]+", "#")));
  }

  private static List<String> methods(Program program) {
    return program.statements().stream()
        .filter(s -> s instanceof Statement.Call)
        .map(s -> ((Statement.Call) s).method())
        .toList();
  }

  /* The last method that is more than the sum before a backward. */
  private static String blamed(Program small) {
    List<String> methods = methods(small).stream().filter(m -> !m.equals("sum")).toList();
    return methods.isEmpty() ? "autograd" : methods.get(methods.size() - 1);
  }

  /* Makes every disagreement small, and puts the same ones together. */
  private Map<String, Kind> kinds(Torch torch) {
    Map<String, Kind> kinds = new TreeMap<>();
    for (Found f : disagreements) {
      Program small = Shrinker.shrink(f.program(), p -> worst(torch, p, f.disagreement()) != null);
      Disagreement shrunk = worst(torch, small, f.disagreement());
      Disagreement d = shrunk == null ? f.disagreement() : shrunk;
      KnownDifference known =
          KnownDifference.of(small, d, SparkgradRun.observations(small)).orElse(null);
      String kind = known == null ? kind(small, d) : d.level() + " on the page: " + known.row();
      kinds.computeIfAbsent(kind, k -> new Kind(small, d, known)).count++;
    }
    return kinds;
  }

  private static String text(Torch torch, Map.Entry<String, Kind> e) {
    Kind k = e.getValue();
    return "## %s: %d of %d programs%n%nPyTorch: `%s`%n%nsparkgrad: `%s`%n%n```java%n%s```%n```python%n%s%n```%n%n"
        .formatted(
            e.getKey(),
            k.count,
            COUNT,
            k.disagreement.torch(),
            k.disagreement.ours(),
            JavaText.of(k.program),
            torch.text(k.program));
  }

  private static void write(Torch torch, Map<String, Kind> kinds) throws IOException {
    Path dir = Files.createDirectories(Path.of(REPORT));
    StringBuilder index = new StringBuilder();
    kinds.entrySet().stream()
        .sorted((a, b) -> b.getValue().count - a.getValue().count)
        .forEach(
            e ->
                index.append(
                    "%d %s | PyTorch %s | sparkgrad %s%n"
                        .formatted(
                            e.getValue().count,
                            e.getKey(),
                            cut(e.getValue().disagreement.torch()),
                            cut(e.getValue().disagreement.ours()))));
    Files.writeString(dir.resolve("INDEX.txt"), index);
    Map<String, StringBuilder> files = new TreeMap<>();
    for (var e : kinds.entrySet())
      files
          .computeIfAbsent(blamed(e.getValue().program), k -> new StringBuilder())
          .append(text(torch, e));
    for (var e : files.entrySet()) Files.writeString(dir.resolve(e.getKey() + ".md"), e.getValue());
  }

  private static String cut(String text) {
    return text.length() > 110 ? text.substring(0, 110) + "..." : text;
  }

  /** The disagreement of that level and kind which a program shows, or null. */
  private static Disagreement worst(Torch torch, Program program, Disagreement like) {
    JsonNode theirs = torch.observations(program);
    if (theirs == null) return null;
    String what = like.what().split(" of ")[0];
    for (Disagreement d : Comparison.of(program, theirs, SparkgradRun.observations(program)))
      if (d.level() == like.level() && d.what().split(" of ")[0].equals(what)) return d;
    return null;
  }
}
