package io.sparkgrad.tools;

import io.sparkgrad.op.Op;
import io.sparkgrad.op.Ops;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.Optimizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the CUDA C that stands in the files of ops and optimizers into a folder, a file a unit,
 * for the compilers: {@code java io.sparkgrad.tools.CudaSources DIR}.
 */
public final class CudaSources {
  private CudaSources() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 1) throw new IllegalArgumentException("usage: CudaSources DIR");
    Path folder = Files.createDirectories(Path.of(args[0]));
    for (Map.Entry<String, String> unit : units().entrySet())
      Files.writeString(folder.resolve(unit.getKey() + ".cu"), unit.getValue());
  }

  /** Each unit's text by its name. */
  public static Map<String, String> units() {
    Map<String, String> units = new TreeMap<>();
    for (Op op : Ops.ALL) if (op.cudaSource() != null) units.put(op.unit(), op.cudaSource());
    for (Optimizer rule : Optimizers.all())
      if (rule.cudaSource() != null) units.put(rule.unit(), rule.cudaSource());
    return units;
  }
}
