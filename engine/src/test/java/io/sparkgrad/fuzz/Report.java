package io.sparkgrad.fuzz;

import io.sparkgrad.fuzz.Comparison.Disagreement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Disagreements made small, the same ones together, as Java and as Python. */
final class Report {
  private final Torch torch;
  private final Map<String, Kind> kinds = new TreeMap<>();

  /** A disagreement made small, the row of the page it belongs to or null, and how many show it. */
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

  Report(Torch torch) {
    this.torch = torch;
  }

  /** Makes a program that disagrees small and counts it. */
  void add(Program program, Disagreement found) {
    Program shrunk = Shrinker.shrink(program, p -> like(p, found) != null);
    Disagreement again = like(shrunk, found);
    /* What PyTorch reads from memory that nobody wrote comes once. */
    Program small = again == null ? program : shrunk;
    Disagreement d = again == null ? found : again;
    KnownDifference known =
        KnownDifference.of(new Finding(small, d, SparkgradRun.observations(small))).orElse(null);
    String name = known == null ? name(small, d) : d.level() + " on the page: " + known.row();
    kinds.computeIfAbsent(name, k -> new Kind(small, d, known)).count++;
  }

  /* The disagreement of that level and kind which a program shows, or null. */
  private Disagreement like(Program program, Disagreement found) {
    var theirs = torch.observations(program);
    if (theirs == null) return null;
    for (Disagreement d : Comparison.of(program, theirs, SparkgradRun.observations(program)))
      if (d.level() == found.level() && what(d).equals(what(found))) return d;
    return null;
  }

  private static String what(Disagreement d) {
    return d.what().split(" of ")[0];
  }

  /* By level, method and what disagrees; numbers in texts make no other kind. */
  private static String name(Program small, Disagreement d) {
    String what = what(d);
    String texts =
        what.equals("gradFn") || what.equals("dtype") ? d.torchText() + " " + d.oursText() : "";
    String error =
        what.equals("error")
            ? (d.torchText().startsWith("{\"error") ? d.torchText() : d.oursText())
            : "";
    return "%s %s %s %s%s"
        .formatted(d.level(), blamed(small), what, texts, cut(error.replaceAll("[0-9-]+", "#")));
  }

  /* The last method that is more than the sum before a backward. */
  private static String blamed(Program small) {
    List<String> methods =
        small.statements().stream()
            .filter(s -> s instanceof Statement.Call)
            .map(s -> ((Statement.Call) s).method())
            .filter(m -> !m.equals("sum"))
            .toList();
    return methods.isEmpty() ? "autograd" : methods.get(methods.size() - 1);
  }

  /** How many programs differ where no row of the page says so. */
  int unexplained() {
    return kinds.values().stream().filter(k -> k.known == null).mapToInt(k -> k.count).sum();
  }

  List<Program> programs() {
    return kinds.values().stream().map(k -> k.program).toList();
  }

  /** A line each, the most frequent first. */
  String index() {
    return kinds.entrySet().stream()
        .sorted((a, b) -> b.getValue().count - a.getValue().count)
        .map(
            e ->
                "%d %s | PyTorch %s | sparkgrad %s"
                    .formatted(
                        e.getValue().count,
                        e.getKey(),
                        cut(e.getValue().disagreement.torchText()),
                        cut(e.getValue().disagreement.oursText())))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /** The programs that no row of the page explains. */
  String unexplainedPrograms() {
    return kinds.entrySet().stream()
        .filter(e -> e.getValue().known == null)
        .map(this::text)
        .collect(Collectors.joining());
  }

  private String text(Map.Entry<String, Kind> e) {
    Kind k = e.getValue();
    return "## %s: %d programs%n%nPyTorch: `%s`%n%nsparkgrad: `%s`%n%n```java%n%s```%n```python%n%s%n```%n%n"
        .formatted(
            e.getKey(),
            k.count,
            k.disagreement.torchText(),
            k.disagreement.oursText(),
            JavaText.of(k.program),
            torch.text(k.program));
  }

  /** INDEX.txt, and a file for each method. */
  void write(Path dir) throws IOException {
    Files.createDirectories(dir);
    Files.writeString(dir.resolve("INDEX.txt"), index());
    Map<String, StringBuilder> files = new TreeMap<>();
    for (var e : kinds.entrySet())
      files.computeIfAbsent(blamed(e.getValue().program), k -> new StringBuilder()).append(text(e));
    for (var e : files.entrySet()) Files.writeString(dir.resolve(e.getKey() + ".md"), e.getValue());
  }

  private static String cut(String text) {
    return text.length() > 110 ? text.substring(0, 110) + "..." : text;
  }
}
