package io.sparkgrad.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** Small programs with what PyTorch gave: what the fuzzer once found, and one of each method. */
final class Corpus {
  private Corpus() {}

  /** A program and PyTorch's observations. */
  record Entry(Program program, JsonNode torch) {}

  /** Of a golden of that name. */
  static List<Entry> read(String name) {
    try (InputStream in = Corpus.class.getResourceAsStream("/goldens/" + name + ".json")) {
      return entries(Program.JSON.readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Entry> entries(JsonNode file) {
    List<Entry> entries = new ArrayList<>();
    for (JsonNode e : file.get("programs"))
      entries.add(new Entry(Program.of(e.get("program")), e.get("torch")));
    return entries;
  }

  /** Adds programs of kinds, and of methods by their signatures, that the file has none of. */
  static void add(Path file, List<Program> programs, Map<String, Program> methods, Torch torch)
      throws IOException {
    add(file, programs, torch);
    cover(file, methods, torch);
  }

  private static void add(Path file, List<Program> programs, Torch torch) throws IOException {
    ArrayNode all = Program.JSON.createArrayNode();
    if (Files.exists(file))
      all.addAll((ArrayNode) Program.JSON.readTree(file.toFile()).get("programs"));
    Set<String> kinds = new HashSet<>();
    for (JsonNode e : all) kinds.add(kind(e));
    for (Program p : programs) {
      ObjectNode entry = Program.JSON.createObjectNode();
      entry.set("program", Program.JSON.valueToTree(p));
      entry.set("torch", torch.observations(p));
      if (entry.get("torch").isObject() && kinds.add(kind(entry))) all.add(entry);
    }
    StringJoiner lines = new StringJoiner(",\n", "{\"programs\": [\n", "\n]}\n");
    for (JsonNode e : all) lines.add(Program.JSON.writeValueAsString(e));
    Files.writeString(file, lines.toString());
  }

  private static void cover(Path file, Map<String, Program> programs, Torch torch)
      throws IOException {
    Set<String> covered = new HashSet<>();
    if (Files.exists(file))
      for (Entry e : entries(Program.JSON.readTree(file.toFile())))
        for (Statement s : e.program().statements())
          if (s instanceof Statement.Call c) covered.add(c.signature());
    List<Program> more = new ArrayList<>();
    for (var e : programs.entrySet())
      if (!covered.contains(e.getKey()))
        more.add(Shrinker.shrink(e.getValue(), p -> runs(p, e.getKey(), torch)));
    add(file, more, torch);
  }

  /* Whether the method is still called, without an error, and all agrees. */
  private static boolean runs(Program program, String signature, Torch torch) {
    JsonNode theirs = torch.observations(program);
    if (theirs == null) return false;
    for (int i = 0; i < program.statements().size(); i++)
      if (program.statements().get(i) instanceof Statement.Call c
          && c.signature().equals(signature)
          && theirs.get("statements").get(i).size() > 0
          && !theirs.get("statements").get(i).has("error")
          && !theirs.get("statements").get(i).has("skipped"))
        return Comparison.of(program, theirs, SparkgradRun.observations(program)).isEmpty();
    return false;
  }

  /* The statements, and on which of them PyTorch gave an error. */
  private static String kind(JsonNode entry) {
    StringBuilder kind = new StringBuilder();
    JsonNode seen = entry.get("torch").get("statements");
    int i = 0;
    for (JsonNode s : entry.get("program").get("statements")) {
      kind.append(s.get("do").asText()).append(' ');
      for (String field : List.of("method", "types", "dtype", "mode", "kind"))
        if (s.has(field)) kind.append(s.get(field)).append(' ');
      kind.append(seen.get(i++).has("error")).append(';');
    }
    return kind.toString();
  }
}
