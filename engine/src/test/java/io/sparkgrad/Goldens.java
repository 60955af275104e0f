package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what PyTorch computed. The files are test resources; {@code -Dsparkgrad.goldens=DIR} reads
 * any other folder of the same format, an absolute path, and the resource for a file it lacks; it
 * says which were read.
 */
public final class Goldens {
  private static final List<JsonNode> OPS = new ArrayList<>();

  private Goldens() {}

  public static JsonNode read(String file) {
    String dir = System.getProperty("sparkgrad.goldens");
    boolean other = dir != null && has(Path.of(dir), file);
    try (InputStream in =
        other
            ? Files.newInputStream(Path.of(dir, file))
            : Goldens.class.getResourceAsStream("/goldens/" + file)) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /* A folder that was mistyped must not pass by the resources. */
  private static boolean has(Path folder, String file) {
    File[] goldens = folder.toFile().listFiles((in, name) -> name.endsWith(".json"));
    if (goldens == null || goldens.length == 0)
      throw new IllegalArgumentException(
          "-Dsparkgrad.goldens: no *.json in " + folder.toAbsolutePath());
    boolean has = Files.exists(folder.resolve(file));
    System.out.printf("goldens: %s of %s%n", file, has ? folder : "the resources");
    return has;
  }

  /** All cases of operations. */
  public static synchronized List<JsonNode> ops() {
    if (OPS.isEmpty()) {
      for (String file : List.of("ops.json", "more-ops.json", "pointwise-ops.json"))
        read(file).get("cases").forEach(OPS::add);
    }
    return OPS;
  }

  /** How many cases an operation has. */
  public static long cases(String op) {
    return ops().stream().filter(c -> c.get("op").asText().equals(op)).count();
  }

  /** The numbers of an array, or of the {@code data} of a tensor; knows "nan", "inf", "-inf". */
  public static double[] doubles(JsonNode node) {
    JsonNode data = node.isArray() ? node : node.get("data");
    double[] a = new double[data.size()];
    for (int i = 0; i < a.length; i++) a[i] = number(data.get(i));
    return a;
  }

  public static long[] longs(JsonNode node) {
    double[] d = doubles(node); // far below 2^53
    long[] a = new long[d.length];
    for (int i = 0; i < a.length; i++) a[i] = (long) d[i];
    return a;
  }

  public static float[] floats(JsonNode node) {
    double[] d = doubles(node); // each a float32 written in full
    float[] a = new float[d.length];
    for (int i = 0; i < a.length; i++) a[i] = (float) d[i];
    return a;
  }

  public static int[] shape(JsonNode tensor) {
    JsonNode dims = tensor.get("shape");
    int[] shape = new int[dims.size()];
    for (int i = 0; i < shape.length; i++) shape[i] = dims.get(i).intValue();
    return shape;
  }

  private static double number(JsonNode n) {
    if (n.isBoolean()) return n.booleanValue() ? 1 : 0;
    if (n.isNumber()) return n.doubleValue();
    return switch (n.textValue()) {
      case "nan" -> Double.NaN;
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> throw new IllegalArgumentException("not a number: " + n);
    };
  }

  /** |a - b| at most 1e-10 max(1, max|b|), the bound for float64. */
  public static void assertClose(double[] expected, double[] actual, String what) {
    assertClose(expected, actual, 1e-10, what);
  }

  public static void assertClose(double[] expected, double[] actual, double tol, String what) {
    assertEquals(expected.length, actual.length, what + ": count");
    double scale = 1;
    for (double e : expected) if (Double.isFinite(e)) scale = Math.max(scale, Math.abs(e));
    for (int i = 0; i < expected.length; i++) {
      double e = expected[i];
      double a = actual[i];
      boolean same = Double.compare(e, a) == 0 || Math.abs(e - a) <= tol * scale;
      if (!same) fail(what + "[" + i + "]: expected " + e + ", got " + a);
    }
  }
}
