package io.sparkgrad.backend.cuda;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cuda.CudaGemm.Matrix;
import io.sparkgrad.backend.cuda.CudaGemm.Type;
import io.sparkgrad.backend.cuda.Gemm.Product;
import io.sparkgrad.op.nn.Reduction;
import io.sparkgrad.optim.Adam;
import io.sparkgrad.optim.LocalOptimizer;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.SGD;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How fast the kernels are, against what the same GPU copies and against PyTorch on it: {@code
 * GpuBenchmark [--small] [PYTORCH]}, where PYTORCH is what {@code engine/gpu/torch-benchmark.py}
 * wrote. A figure is the median of 20 batches of calls, each long enough for the clock and waited
 * for at its end, after a warm-up. {@code --small} is for the emulated driver: it shows that every
 * line runs, on small sizes in place of the named ones, and not how fast.
 */
final class GpuBenchmark {
  private static final Device GPU = Device.cuda(0);
  private static final Gemm OWN = new OwnGemm();
  private static final int BATCHES = 20;
  private static final double BATCH_SECONDS = 0.01;
  private static final int MOST_CALLS = 2000;

  private final boolean small;
  private final SpeedTable table;
  private final CudaDevice device = CudaDevice.of(0);
  private double copySecondsPerByte = SpeedTable.NONE;

  private GpuBenchmark(boolean small, Map<String, Double> torch) {
    this.small = small;
    table = new SpeedTable(torch);
  }

  public static void main(String[] args) throws IOException {
    List<String> rest = new ArrayList<>(List.of(args));
    boolean small = rest.remove("--small");
    EmulatedGpu.load();
    new GpuBenchmark(small, rest.isEmpty() ? Map.of() : read(Path.of(rest.get(0)))).run();
  }

  /** Seconds by name: "name TAB seconds" a line. */
  private static Map<String, Double> read(Path file) throws IOException {
    Map<String, Double> seconds = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      String[] parts = line.split("\t");
      if (parts.length == 2) seconds.put(parts[0], Double.valueOf(parts[1]));
    }
    return seconds;
  }

  private void run() {
    part(this::copies);
    part(this::elementwise);
    part(this::reductions);
    part(this::softmax);
    part(this::moves);
    part(this::optimizers);
    part(this::launches);
    part(this::mlp);
    part(this::products);
    System.out.printf(Locale.ROOT, "%n%s%n", device.name());
    if (small) System.out.println("Emulated, on small sizes: that a line is there is all it says.");
    table.print(System.out, !small);
  }

  /* Each part gives its memory back: the sum of all is more than some GPUs have. */
  private void part(Runnable part) {
    try (TensorScope scope = TensorScope.open()) {
      part.run();
    }
    device.emptyCache();
  }

  private int size(int full, int tiny) {
    return small ? tiny : full;
  }

  private void copies() {
    int n = size(64 << 20, 1 << 14);
    Tensor from = numbers(n);
    Tensor to = Tensor.empty(GPU, DType.FLOAT32, n);
    double seconds =
        median(() -> to.storage().memory().copyFrom(from.storage().memory(), 0, 0, 4L * n));
    copySecondsPerByte = seconds / (8.0 * n);
    table.bytes("copy by the driver", seconds, 8.0 * n, seconds, SpeedTable.NONE);
  }

  private void elementwise() {
    int n = size(64 << 20, 1 << 14);
    Tensor x = numbers(n);
    Tensor y = numbers(n);
    memory("add", 12L * n, 0.85, () -> x.add(y));
    memory("sigmoid", 8L * n, 0.85, x::sigmoid);
    memory("mul, add", 24L * n, 0.85, () -> x.mul(y).add(y));
  }

  private void reductions() {
    int side = size(8192, 128);
    Tensor x = numbers(side, side);
    long bytes = 4L * side * side;
    memory("sum", bytes, 0.75, x::sum);
    memory("sum of rows", bytes, 0.75, () -> x.sum(1));
    memory("sum of columns", bytes, 0.75, () -> x.sum(0));
  }

  private void softmax() {
    for (int[] shape : new int[][] {{8192, 1000}, {4096, 50_000}}) {
      Tensor x = numbers(size(shape[0], 16), size(shape[1], shape[1] / 50));
      String size = " " + shape[0] + "x" + shape[1];
      long bytes = 8L * x.numel();
      memory("softmax" + size, bytes, 0.75, () -> x.softmax(1));
      memory("log-softmax" + size, bytes, 0.75, () -> x.logSoftmax(1));
    }
  }

  private void moves() {
    int side = size(8192, 128);
    Tensor x = numbers(side, side);
    memory("transpose", 8L * x.numel(), SpeedTable.NONE, () -> x.t().contiguous());
    int vocabulary = size(50_000, 500);
    int width = size(1024, 64);
    int picked = size(16_384, 64);
    Tensor words = numbers(vocabulary, width);
    Tensor rows = numbers(picked, width);
    long[] index = new long[picked];
    for (int i = 0; i < picked; i++) index[i] = i * 7919L % vocabulary;
    Tensor at = Tensor.of(index, picked, 1).to(GPU).expand(picked, width);
    memory("gather", 8L * rows.numel(), SpeedTable.NONE, () -> words.gather(0, at));
    long added = 8L * words.numel() + 12L * rows.numel(); // into a copy of the words
    memory("scatter-add", added, SpeedTable.NONE, () -> words.scatterAdd(0, at, rows));
  }

  private void optimizers() {
    int n = size(100_000_000, 1 << 14);
    optimizer("SGD with momentum, 100M", new SGD(1e-3).momentum(0.9), 20L * n, SpeedTable.NONE, n);
    optimizer("Adam, 100M", new Adam(1e-3), 28L * n, 0.85, n);
  }

  private void optimizer(String name, Optimizer rule, long bytes, double target, int n) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor weights = numbers(n).requiresGrad_();
      weights.setGrad(numbers(n));
      LocalOptimizer optimizer = rule.over(List.of(weights));
      memory(name, bytes, target, optimizer::step);
    }
  }

  /* A kernel that has nothing to do: all of its arguments are 0. */
  private void launches() {
    CudaKernel kernel = device.kernel("neg", "neg_f32");
    int count = 100;
    double seconds =
        median(
            () -> {
              for (int i = 0; i < count; i++) {
                KernelArgs args = device.args();
                for (int k = 0; k < 64; k++) args.i64(0);
                kernel.launch(args, 1, 256);
              }
            });
    table.time("launch", seconds / count, 3e-6);
    Tensor one = numbers(1);
    table.time("neg of one number", median(one::neg), SpeedTable.NONE);
  }

  private void mlp() {
    int width = size(4096, 64);
    int batch = size(4096, 32);
    int in = 784;
    Tensor x = numbers(batch, in);
    long[] classes = new long[batch];
    for (int i = 0; i < batch; i++) classes[i] = i % 10;
    Tensor target = Tensor.of(classes, batch).to(GPU);
    List<Tensor> parameters = new ArrayList<>();
    for (int[] shape :
        new int[][] {{width, in}, {width}, {width, width}, {width}, {10, width}, {10}})
      parameters.add(numbers(shape).mul(0.01).detach().requiresGrad_());
    LocalOptimizer sgd = new SGD(1e-3).over(parameters);
    double seconds =
        median(
            () -> {
              Tensor h = x.linear(parameters.get(0), parameters.get(1)).relu();
              h = h.linear(parameters.get(2), parameters.get(3)).relu();
              h = h.linear(parameters.get(4), parameters.get(5));
              h.crossEntropy(target, Reduction.MEAN).backward();
              sgd.step();
              sgd.zeroGrad();
            });
    String name = "MLP 784-4096-4096-10 step";
    double flops = 6.0 * batch * ((double) in * width + (double) width * width + 10.0 * width);
    table.flops(name, name, seconds, flops, "PyTorch", table.torch(name), 0.7);
  }

  private void products() {
    Gemm cublas = cublas();
    int[] sizes = small ? new int[] {64, 128} : new int[] {512, 1024, 2048, 4096, 8192};
    for (int n : sizes) products(cublas, Precision.F32, n);
    if (device.capability() < 80) return;
    for (Precision precision : List.of(Precision.TF32, Precision.BF16))
      for (int n : Arrays.copyOfRange(sizes, small ? 1 : 3, sizes.length))
        products(cublas, precision, n);
  }

  private static Gemm cublas() {
    try {
      return CublasGemm.open();
    } catch (CublasLibrary.Unusable e) {
      System.out.println("without cuBLAS: " + e.getMessage());
      return null;
    }
  }

  private void products(Gemm cublas, Precision precision, int n) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor a = numbers(n, n);
      Tensor b = numbers(n, n);
      Tensor c = Tensor.empty(GPU, DType.FLOAT32, n, n);
      String name = "gemm " + precision + " " + n;
      double flops = 2.0 * n * n * n;
      double torch = table.torch(name);
      double library = torch; // which is cuBLAS's too
      if (cublas != null) {
        /* PyTorch's bf16 matrices are half as long to read. */
        double least = precision == Precision.BF16 ? SpeedTable.NONE : 0.9;
        library = median(() -> multiply(cublas, Type.F32, precision, n, a, b, c));
        table.flops(name + " cuBLAS", name, library, flops, "PyTorch", torch, least);
      }
      double own = median(() -> multiply(OWN, Type.F32, precision, n, a, b, c));
      String limit = cublas == null ? "PyTorch" : "cuBLAS";
      double target = precision == Precision.F32 ? 0.6 : SpeedTable.NONE;
      table.flops(name + " own", name, own, flops, limit, library, target);
    }
  }

  /** c = a·b of square matrices, queued. */
  static void multiply(
      Gemm gemm, Type type, Precision precision, int n, Tensor a, Tensor b, Tensor c) {
    gemm.multiply(
        new Product(
            CudaDevice.of(0),
            type,
            precision,
            n,
            n,
            n,
            1,
            new Matrix(a.storage().memory(), 0, n, false, 0),
            new Matrix(b.storage().memory(), 0, n, false, 0),
            c.storage().memory(),
            0,
            null,
            0));
  }

  /** Times what memory limits. */
  private void memory(String name, long bytes, double target, Runnable call) {
    double seconds = median(call);
    table.bytes(name, seconds, bytes, bytes * copySecondsPerByte, target);
  }

  /** Seconds of one call. */
  private double median(Runnable call) {
    for (int i = 0; i < 3; i++) batch(call, 1);
    int calls = (int) Math.min(MOST_CALLS, Math.ceil(BATCH_SECONDS / batch(call, 1)));
    if (small) calls = 1;
    double[] seconds = new double[small ? 1 : BATCHES];
    for (int i = 0; i < seconds.length; i++) seconds[i] = batch(call, calls) / calls;
    Arrays.sort(seconds);
    return seconds[seconds.length / 2];
  }

  private double batch(Runnable call, int calls) {
    device.synchronize();
    long start = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      try (TensorScope scope = TensorScope.open()) {
        call.run();
      }
    }
    device.synchronize();
    return (System.nanoTime() - start) / 1e9;
  }

  /* Numbers below 1, the same ones again after a million. */
  private static Tensor numbers(int... shape) {
    int n = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    int period = Math.min(n, 1 << 20);
    Tensor all = Tensor.empty(GPU, DType.FLOAT32, n);
    try (TensorScope scope = TensorScope.open()) {
      Tensor some = Tensor.rand(period).to(GPU);
      for (int at = 0; at < n; at += period) {
        int length = Math.min(period, n - at);
        all.storage().memory().copyFrom(some.storage().memory(), 0, 4L * at, 4L * length);
      }
    }
    return all.view(shape);
  }
}
