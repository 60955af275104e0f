package io.sparkgrad.backend.cuda;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.DeviceScope;
import io.sparkgrad.Tensor;
import io.sparkgrad.backend.cuda.CudaGemm.Matrix;
import io.sparkgrad.backend.cuda.CudaGemm.Type;
import io.sparkgrad.backend.cuda.Gemm.Product;
import io.sparkgrad.op.Reduce;
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
 * for at its end, after a warm-up. {@code --small} is for the emulated driver: it shows that all
 * runs, not how fast.
 */
final class GpuBenchmark {
  private static final Device GPU = Device.cuda(0);
  private static final int BATCHES = 20;
  private static final double BATCH_SECONDS = 0.01;
  private static final int MOST_CALLS = 2000;

  private final boolean small;
  private final Map<String, Double> torch;
  private final CudaDevice device = CudaDevice.of(0);
  private final List<Row> rows = new ArrayList<>();
  private double copyRate = Double.NaN;

  private GpuBenchmark(boolean small, Map<String, Double> torch) {
    this.small = small;
    this.torch = torch;
  }

  /**
   * A line of the table.
   *
   * @param rate work a second in GB or TFLOP; NaN if that says nothing
   * @param against what the fraction is of: copy, PyTorch, cuBLAS, or empty
   * @param fraction NaN if unknown
   * @param target the least fraction, or the most microseconds; NaN for none
   */
  private record Row(
      String name,
      double seconds,
      double rate,
      String unit,
      String against,
      double fraction,
      double target) {}

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
    print();
  }

  /* Each part gives its memory back: the sum of all is more than some GPUs have. */
  private void part(Runnable part) {
    try (DeviceScope scope = DeviceScope.open()) {
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
    copyRate = 8.0 * n / seconds / 1e9;
    rows.add(new Row("copy by the driver", seconds, copyRate, "GB/s", "", Double.NaN, Double.NaN));
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
    memory("transpose", 8L * x.numel(), Double.NaN, () -> x.t().contiguous());
    int vocabulary = size(50_000, 500);
    int width = size(1024, 64);
    int picked = size(16_384, 64);
    Tensor table = numbers(vocabulary, width);
    Tensor rows = numbers(picked, width);
    long[] index = new long[picked];
    for (int i = 0; i < picked; i++) index[i] = i * 7919L % vocabulary;
    Tensor at = Tensor.of(index, picked, 1).to(GPU).expand(picked, width);
    memory("gather", 16L * rows.numel(), Double.NaN, () -> table.gather(0, at));
    long added = 8L * table.numel() + 16L * rows.numel(); // into a copy of the table
    memory("scatter-add", added, Double.NaN, () -> table.scatterAdd(0, at, rows));
  }

  private void optimizers() {
    int n = size(100_000_000, 1 << 14);
    optimizer("SGD with momentum, 100M", new SGD(1e-3).momentum(0.9), 20L * n, Double.NaN, n);
    optimizer("Adam, 100M", new Adam(1e-3), 28L * n, 0.85, n);
  }

  private void optimizer(String name, Optimizer rule, long bytes, double target, int n) {
    try (DeviceScope scope = DeviceScope.open()) {
      Tensor weights = numbers(n).requiresGrad_();
      weights.setGrad(numbers(n));
      LocalOptimizer optimizer = rule.over(List.of(weights));
      memory(name, bytes, target, optimizer::step);
    }
  }

  /* A kernel that has nothing to do: all of its arguments are 0. */
  private void launches() {
    CudaKernel kernel = device.kernel("neg", "neg_f32");
    double seconds =
        median(
            () -> {
              for (int i = 0; i < 100; i++) {
                KernelArgs args = device.args();
                for (int k = 0; k < 64; k++) args.i64(0);
                kernel.launch(args, 1, 256);
              }
            });
    rows.add(new Row("launch", seconds / 100, Double.NaN, "us", "time", seconds * 1e4, 3));
    Tensor one = numbers(1);
    double op = median(one::neg);
    rows.add(
        new Row(
            "neg of one number",
            op,
            Double.NaN,
            "",
            "PyTorch",
            timesTorch("neg of one number", op),
            Double.NaN));
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
              h.crossEntropy(target, Reduce.MEAN).backward();
              sgd.step();
              sgd.zeroGrad();
            });
    String name = "MLP 784-4096-4096-10 step";
    double flops = 6.0 * batch * ((double) in * width + (double) width * width + 10.0 * width);
    rows.add(
        new Row(
            name,
            seconds,
            flops / seconds / 1e12,
            "TFLOP/s",
            "PyTorch",
            timesTorch(name, seconds),
            0.7));
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
    try (DeviceScope scope = DeviceScope.open()) {
      Tensor a = numbers(n, n);
      Tensor b = numbers(n, n);
      Tensor c = Tensor.empty(GPU, DType.FLOAT32, n, n);
      String name = "gemm " + precision + " " + n;
      double flops = 2.0 * n * n * n;
      double theirs = Double.NaN;
      if (cublas != null) {
        double seconds = median(() -> multiply(cublas, Type.F32, precision, n, a, b, c));
        theirs = seconds;
        /* PyTorch's bf16 matrices are half as long to read: its time is shown, and no target. */
        double target = precision == Precision.BF16 ? Double.NaN : 0.9;
        rows.add(
            new Row(
                name + " cuBLAS",
                seconds,
                flops / seconds / 1e12,
                "TFLOP/s",
                "PyTorch",
                timesTorch(name, seconds),
                target));
      }
      Gemm own = new OwnGemm();
      double seconds = median(() -> multiply(own, Type.F32, precision, n, a, b, c));
      double target = precision == Precision.F32 ? 0.6 : Double.NaN;
      rows.add(
          new Row(
              name + " own",
              seconds,
              flops / seconds / 1e12,
              "TFLOP/s",
              "cuBLAS",
              theirs / seconds,
              target));
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
    double rate = bytes / seconds / 1e9;
    rows.add(new Row(name, seconds, rate, "GB/s", "copy", rate / copyRate, target));
  }

  private double timesTorch(String name, double seconds) {
    return torch.getOrDefault(name, Double.NaN) / seconds;
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
      try (DeviceScope scope = DeviceScope.open()) {
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
    try (DeviceScope scope = DeviceScope.open()) {
      Tensor some = Tensor.rand(period).to(GPU);
      for (int at = 0; at < n; at += period) {
        int length = Math.min(period, n - at);
        all.storage().memory().copyFrom(some.storage().memory(), 0, 4L * at, 4L * length);
      }
    }
    return all.view(shape);
  }

  private void print() {
    System.out.printf(
        Locale.ROOT,
        "%nGPU: %s; PyTorch %s%n",
        device.name(),
        torch.isEmpty() ? "not found" : "on the same GPU");
    if (small)
      System.out.println(
          "An emulated GPU and small sizes: the numbers mean nothing, only that each line ran.");
    String line = "%-28s %12s %16s %12s %18s %9s %s%n";
    System.out.printf(line, "name", "ours", "rate", "PyTorch", "fraction", "target", "");
    for (Row r : rows) {
      boolean isTime = r.against.equals("time");
      Double theirs = torch.get(r.name.replace(" cuBLAS", "").replace(" own", ""));
      System.out.printf(
          line,
          r.name,
          time(r.seconds),
          Double.isNaN(r.rate) ? "" : String.format(Locale.ROOT, "%.1f %s", r.rate, r.unit),
          theirs == null ? "" : time(theirs),
          isTime || Double.isNaN(r.fraction)
              ? ""
              : String.format(Locale.ROOT, "%.2f of %s", r.fraction, r.against),
          Double.isNaN(r.target) ? "" : isTime ? "<= " + time(r.target * 1e-6) : ">= " + r.target,
          verdict(r, isTime));
    }
  }

  private String verdict(Row r, boolean isTime) {
    if (small || Double.isNaN(r.target)) return "";
    if (Double.isNaN(r.fraction)) return "unknown";
    boolean met = isTime ? r.fraction <= r.target : r.fraction >= r.target;
    return met ? "met" : "missed";
  }

  private static String time(double seconds) {
    return seconds < 1e-3
        ? String.format(Locale.ROOT, "%.1f us", seconds * 1e6)
        : String.format(Locale.ROOT, "%.2f ms", seconds * 1e3);
  }
}
