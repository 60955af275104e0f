package io.sparkgrad.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.fuzz.Comparison.Disagreement;
import io.sparkgrad.fuzz.Comparison.Level;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random programs give in sparkgrad what they give in PyTorch 1.13. {@code -Dcount=6000 -Dseed=7}
 * draws others; {@code -Dreport=DIR} writes a file for each method that disagrees, {@code
 * -Dcorpus=FILE} adds the small programs, and one of each method, to those that {@link CorpusTest}
 * runs.
 */
@Tag("tools")
class DifferentialFuzzTest {
  private static final long SEED = Long.getLong("seed", 1);
  private static final int COUNT = Integer.getInteger("count", 2000);
  private static final String REPORT = System.getProperty("report");
  private static final String CORPUS = System.getProperty("corpus");
  /* The shares of programs that must agree, and that may differ where no row of the page says so. */
  private static final double NUMBERS = 0.99;
  private static final double EVERYTHING = 0.97;
  private static final double UNEXPLAINED = 0.01;
  /* At most so many draws a program: the others show where PyTorch fails. */
  private static final double DRAWS = 1.05;
  /* So many programs draw each method; fewer are too few for shares. */
  private static final int COVERING = 1000;

  private final Map<String, Integer> draws = new TreeMap<>();
  /* Of each method, that agrees and in which it gives no error. */
  private final Map<String, Program> smallest = new TreeMap<>();
  private int drawn;
  private int compared;
  private int numbers;
  private int everything;

  @Test
  void programsGiveWhatTheyGiveInPyTorch() throws IOException {
    List<Method> methods = Catalog.drawn();
    ProgramGenerator.Deck deck = new ProgramGenerator.Deck(methods, SEED);
    try (Torch torch = new Torch()) {
      assertEquals(
          List.of(),
          torch.missing(counterparts(methods)),
          "methods without a counterpart: add them to the page");
      Report report = new Report(torch);
      for (; compared < COUNT && drawn < DRAWS * COUNT + 10; drawn++)
        compare(ProgramGenerator.generate(SEED * 1_000_003 + drawn, deck), torch, report);
      print(report);
      if (REPORT != null) report.write(Path.of(REPORT));
      if (CORPUS != null) Corpus.add(Path.of(CORPUS), report.programs(), smallest, torch);
      check(methods, report);
    }
  }

  private void compare(ProgramGenerator.Generated g, Torch torch, Report report) {
    for (Statement s : g.program().statements())
      if (s instanceof Statement.Call c) draws.merge(c.signature(), 1, Integer::sum);
    JsonNode theirs = torch.observations(g.program());
    if (theirs == null) return; // PyTorch fails
    List<Disagreement> found = Comparison.of(g.program(), theirs, g.observations());
    if (!found.isEmpty() && torch.readsUnwritten(g.program(), theirs)) return;
    compared++;
    if (found.isEmpty()) {
      numbers++;
      everything++;
      if (CORPUS != null) keepSmallest(g.program(), theirs);
      return;
    }
    Disagreement worst =
        found.stream().filter(d -> d.level() == Level.NUMBERS).findFirst().orElse(found.get(0));
    if (worst.level() != Level.NUMBERS) numbers++;
    report.add(g.program(), worst);
  }

  private void keepSmallest(Program program, JsonNode torch) {
    for (int i = 0; i < program.statements().size(); i++)
      if (program.statements().get(i) instanceof Statement.Call c
          && !torch.get("statements").get(i).has("error"))
        smallest.merge(
            c.signature(), program, (a, b) -> a.json().length() <= b.json().length() ? a : b);
  }

  private void print(Report report) {
    System.out.printf(
        Locale.ROOT,
        "seed %d: %d programs (and %d in which PyTorch fails), %.2f %% agree in numbers, types, shapes and errors, %.2f %% in everything; %d differ where no row of the page says so%n",
        SEED,
        compared,
        drawn - compared,
        100.0 * numbers / compared,
        100.0 * everything / compared,
        report.unexplained());
    System.out.print(report.index());
    System.out.println("draws a method: " + draws);
  }

  private void check(List<Method> methods, Report report) {
    assertEquals(COUNT, compared, "PyTorch fails in " + (drawn - compared) + " programs");
    if (COUNT < COVERING) return;
    assertEquals(
        List.of(),
        methods.stream().map(Catalog::signature).filter(s -> !draws.containsKey(s)).toList(),
        "methods never drawn");
    boolean enough =
        numbers >= NUMBERS * compared
            && everything >= EVERYTHING * compared
            && report.unexplained() <= UNEXPLAINED * compared;
    assertTrue(
        enough,
        () ->
            "%d of %d agree in numbers, %d in everything; where no row of the page says so:%n%s"
                .formatted(numbers, compared, everything, report.unexplainedPrograms()));
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
}
