package io.sparkgrad.backend.cuda;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cuda.CudaGemm.Type;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import jcuda.JCudaVersion;

/**
 * What {@code engine/gpu/smoke} asks first of a machine. Each question is a JVM of its own, since a
 * library that does not fit may end it.
 *
 * <pre>
 * GpuLook gpu           whether there is a GPU, and how long its driver compiles our kernels
 * GpuLook lacks FILE    which of the functions that JCublas2 knows a cuBLAS lacks
 * GpuLook cublas        whether its products agree with our kernels'
 * </pre>
 *
 * The exit code is 0 for yes.
 */
final class GpuLook {
  private static final int SIZE = 257; // of matrices: no multiple of a tile
  private static final Pattern UNIT = Pattern.compile("ptx/(\\w+)\\.ptx$");
  private static final Pattern ENTRY = Pattern.compile("\\.entry (\\w+)");

  private GpuLook() {}

  public static void main(String[] args) throws Exception {
    String question = args.length == 0 ? "" : args[0];
    boolean yes =
        switch (question) {
          case "gpu" -> gpu();
          case "lacks" -> lacks(Path.of(args[1]));
          case "cublas" -> cublas();
          default -> throw new IllegalArgumentException("usage: GpuLook gpu|lacks FILE|cublas");
        };
    if (!yes) System.exit(1);
  }

  private static boolean gpu() throws Exception {
    EmulatedGpu.load();
    long start = System.nanoTime();
    Cuda.Availability found = Cuda.availability();
    say("GPU: %s (looked for %.0f ms)", found.reason(), millisSince(start));
    if (!found.present()) return false;
    CudaDevice device = CudaDevice.of(0);
    start = System.nanoTime();
    int kernels = 0;
    List<String> units = units();
    for (String unit : units) {
      String kernel = firstKernel(unit);
      if (unit.endsWith("_tf32") || unit.endsWith("_bf16")) {
        if (device.capability() < 80) continue;
      }
      device.kernel(unit, kernel);
      kernels++;
    }
    say("kernels: %d units loaded in %.0f ms", kernels, millisSince(start));
    return true;
  }

  /** The names of the compiled units, from the folder or the jar they are in. */
  private static List<String> units() throws Exception {
    URI folder = CudaDevice.class.getResource("ptx").toURI();
    if (folder.getScheme().equals("file")) return units(Path.of(folder));
    try (FileSystem jar = FileSystems.newFileSystem(folder, Map.of())) {
      return units(jar.getPath(folder.toString().replaceFirst(".*!", "")));
    }
  }

  private static List<String> units(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .map(file -> UNIT.matcher(file.toString()))
          .filter(name -> name.find())
          .map(name -> name.group(1))
          .sorted()
          .toList();
    }
  }

  private static String firstKernel(String unit) {
    try (InputStream in = CudaDevice.class.getResourceAsStream("ptx/" + unit + ".ptx")) {
      var entry = ENTRY.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      if (!entry.find()) throw new IllegalStateException(unit + " has no kernel");
      return entry.group(1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /* Functions bind when they are first called: one that lacks and is never called does no harm. */
  private static boolean lacks(Path library) throws IOException {
    ElfLibrary elf = ElfLibrary.read(library);
    Set<String> known = knownToJCublas2();
    Set<String> lacking = new TreeSet<>(known);
    lacking.removeAll(elf.symbols(elf.name()));
    say(
        "%s lacks %d of the %d functions that JCublas2 knows%s%s",
        elf.name(),
        lacking.size(),
        known.size(),
        lacking.isEmpty() ? "" : ": ",
        String.join(" ", lacking));
    return lacking.size() < known.size();
  }

  /* The names in its string tables: a NUL before and after, nothing else in them. */
  private static Set<String> knownToJCublas2() throws IOException {
    String file = "/lib/libJCublas2-" + JCudaVersion.get() + "-linux-x86_64.so";
    try (InputStream in = GpuLook.class.getResourceAsStream(file)) {
      String text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      Set<String> names = new TreeSet<>(Arrays.asList(text.split("\0")));
      names.removeIf(name -> !name.matches("cublas[A-Z][A-Za-z0-9]*(_v2)?(_64)?"));
      return names;
    }
  }

  private static boolean cublas() {
    EmulatedGpu.load();
    CudaDevice device = CudaDevice.of(0);
    CublasGemm cublas;
    try {
      cublas = CublasGemm.open();
    } catch (CublasLibrary.Unusable e) {
      say("cuBLAS cannot be used: %s", e.getMessage());
      return false;
    }
    say("%s", cublas.name());
    boolean good = true;
    for (Type type : Type.values())
      for (Precision precision : Precision.values())
        if (type == Type.F32 || precision == Precision.F32)
          good &= agree(device, cublas, type, precision);
    return good;
  }

  private static boolean agree(CudaDevice device, Gemm cublas, Type type, Precision precision) {
    if (precision != Precision.F32 && device.capability() < 80) return true;
    double tolerance =
        switch (precision) {
          case F32 -> type == Type.F64 ? 1e-13 : 1e-5;
          case TF32 -> 2e-3;
          case BF16 -> 2e-2;
        };
    DType dtype = type == Type.F32 ? DType.FLOAT32 : DType.FLOAT64;
    try (TensorScope scope = TensorScope.open()) {
      Tensor a = Tensor.rand(dtype, SIZE, SIZE).to(Device.cuda(0));
      Tensor b = Tensor.rand(dtype, SIZE, SIZE).to(Device.cuda(0));
      double[] theirs = product(cublas, type, precision, a, b);
      double[] ours = product(new OwnGemm(), type, precision, a, b);
      double off = 0;
      double norm = 0;
      for (int i = 0; i < ours.length; i++) {
        off += (ours[i] - theirs[i]) * (ours[i] - theirs[i]);
        norm += ours[i] * ours[i];
      }
      double error = Math.sqrt(off / norm);
      String verdict = error <= tolerance ? "agrees" : "DISAGREES";
      String what = type == Type.F64 ? "f64" : precision.toString();
      say("products in %s: cuBLAS %s with our kernel, %.1e", what, verdict, error);
      return error <= tolerance;
    }
  }

  private static double[] product(Gemm gemm, Type type, Precision how, Tensor a, Tensor b) {
    Tensor c = Tensor.empty(a.device(), a.dtype(), SIZE, SIZE);
    GpuBenchmark.multiply(gemm, type, how, SIZE, a, b, c);
    return c.toDoubles();
  }

  private static double millisSince(long start) {
    return (System.nanoTime() - start) / 1e6;
  }

  private static void say(String format, Object... args) {
    System.out.println(String.format(Locale.ROOT, format, args));
  }
}
