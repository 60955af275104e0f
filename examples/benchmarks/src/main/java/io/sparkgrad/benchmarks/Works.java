package io.sparkgrad.benchmarks;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.nn.vision.ResNet;
import io.sparkgrad.op.nn.Reduction;
import io.sparkgrad.optim.Adam;
import io.sparkgrad.optim.LocalOptimizer;
import io.sparkgrad.random.Generator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The table's rows for this engine; a {@link Peer} has the same steps. */
final class Works {
  private static final double LR = 1e-6;

  private Works() {}

  static List<Work> all() {
    Generator.current().manualSeed(0);
    return List.of(
        chain(), twoLayer(), mlp(), elementwise(), crossEntropy(), cnn(), resnet(), adam());
  }

  private static Work chain() {
    float[] x = {1};
    float[] w = {1.0001f};
    Tensor ourX = parameter(x);
    Tensor ourW = parameter(w);
    return new Work(
        "chain of 1,000 scalar multiplications, forward + backward",
        0.12,
        1,
        scoped(
            () -> {
              Tensor y = ourX;
              for (int i = 0; i < 1000; i++) y = y.mul(ourW);
              y.backward();
              double result = y.item() + ourW.grad().item();
              ourX.setGrad(null);
              ourW.setGrad(null);
              return result;
            }),
        peer -> peer.chain(x, w));
  }

  private static Work twoLayer() {
    float[] x = normal(64 * 1000, 1);
    float[] y = normal(64 * 10, 1);
    float[] w1 = normal(1000 * 100, 1);
    float[] w2 = normal(100 * 10, 1);
    Tensor ourX = Tensor.of(x, 64, 1000);
    Tensor ourY = Tensor.of(y, 64, 10);
    Tensor ourW1 = parameter(w1, 1000, 100);
    Tensor ourW2 = parameter(w2, 100, 10);
    return new Work(
        "two-layer net step 64x1000x100x10",
        0.65,
        10,
        scoped(
            () -> {
              Tensor out = ourX.mm(ourW1).clampMin(0).mm(ourW2);
              Tensor loss = out.sub(ourY).pow(2).sum();
              loss.backward();
              update(ourW1, ourW2);
              return loss.item();
            }),
        peer -> peer.twoLayer(LR, x, y, w1, w2));
  }

  private static Work mlp() {
    int[] sizes = {784, 512, 512, 10};
    float[] x = normal(128 * 784, 1);
    long[] digits = classes(128, 10);
    List<float[]> numbers = new ArrayList<>();
    List<Tensor> parameters = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      numbers.add(normal(sizes[i + 1] * sizes[i], 1 / Math.sqrt(sizes[i])));
      parameters.add(parameter(numbers.get(2 * i), sizes[i + 1], sizes[i]));
      numbers.add(normal(sizes[i + 1], 0.1));
      parameters.add(parameter(numbers.get(2 * i + 1), sizes[i + 1]));
    }
    Tensor[] p = parameters.toArray(Tensor[]::new);
    Tensor ourX = Tensor.of(x, 128, 784);
    Tensor ourDigits = Tensor.of(digits.clone(), 128);
    return new Work(
        "MLP 784-512-512-10, batch 128, step",
        0.9,
        2,
        scoped(
            () -> {
              Tensor hidden = ourX.linear(p[0], p[1]).relu().linear(p[2], p[3]).relu();
              Tensor loss = hidden.linear(p[4], p[5]).crossEntropy(ourDigits, Reduction.MEAN);
              loss.backward();
              update(p);
              return loss.item();
            }),
        peer -> peer.mlp(LR, x, digits, sizes, numbers));
  }

  private static Work elementwise() {
    float[] x = normal(1 << 20, 1);
    float[] w = normal(1 << 20, 1);
    Tensor ourX = Tensor.of(x, 1 << 20);
    Tensor ourW = parameter(w, 1 << 20);
    return new Work(
        "sigmoid(tanh((x + w) * x)).sum() on 1M float32, forward + backward",
        0.75,
        1,
        scoped(
            () -> {
              Tensor loss = ourX.add(ourW).mul(ourX).tanh().sigmoid().sum();
              loss.backward();
              ourW.setGrad(null);
              return loss.item();
            }),
        peer -> peer.elementwise(x, w));
  }

  private static Work crossEntropy() {
    float[] x = normal(4096 * 1000, 1);
    long[] target = classes(4096, 1000);
    Tensor ourX = parameter(x, 4096, 1000);
    Tensor ourTarget = Tensor.of(target.clone(), 4096);
    return new Work(
        "softmax cross entropy 4096x1000, forward + backward",
        0.6,
        1,
        scoped(
            () -> {
              Tensor loss = ourX.crossEntropy(ourTarget, Reduction.MEAN);
              loss.backward();
              ourX.setGrad(null);
              return loss.item();
            }),
        peer -> peer.crossEntropy(x, target));
  }

  private static Work cnn() {
    float[] x = normal(128 * 28 * 28, 1);
    long[] digits = classes(128, 10);
    int[][] shapes = {{32, 1, 3, 3}, {32}, {64, 32, 3, 3}, {64}, {10, 1600}, {10}};
    List<float[]> numbers = new ArrayList<>();
    Tensor[] p = new Tensor[shapes.length];
    for (int i = 0; i < p.length; i++) {
      int numel = Arrays.stream(shapes[i]).reduce(1, (a, b) -> a * b);
      numbers.add(normal(numel, 0.05));
      p[i] = parameter(numbers.get(i), shapes[i]);
    }
    Tensor ourX = Tensor.of(x, 128, 1, 28, 28);
    Tensor ourDigits = Tensor.of(digits.clone(), 128);
    return new Work(
        "CNN conv32-pool-conv64-pool-linear, 3x3, MNIST batch 128, step",
        1.0,
        1,
        scoped(
            () -> {
              Tensor y = ourX.conv2d(p[0], p[1]).relu().maxPool2d(2);
              y = y.conv2d(p[2], p[3]).relu().maxPool2d(2).flatten(1);
              Tensor loss = y.linear(p[4], p[5]).crossEntropy(ourDigits, Reduction.MEAN);
              loss.backward();
              update(p);
              return loss.item();
            }),
        peer -> peer.cnn(LR, x, digits, numbers));
  }

  private static Work resnet() {
    float[] x = normal(8 * 3 * 64 * 64, 1);
    long[] labels = classes(8, 1000);
    ResNet model = ResNet.resnet18(1000);
    List<float[]> numbers = model.parameters().stream().map(Tensor::toFloats).toList();
    Tensor ourX = Tensor.of(x, 8, 3, 64, 64);
    Tensor ourLabels = Tensor.of(labels.clone(), 8);
    return new Work(
        "ResNet-18, 8x3x64x64, forward + backward",
        1.1,
        1,
        scoped(
            () -> {
              Tensor loss = model.apply(ourX).crossEntropy(ourLabels, Reduction.MEAN);
              loss.backward();
              for (Tensor p : model.parameters()) p.setGrad(null);
              return loss.item();
            }),
        peer -> peer.resnet(x, labels, numbers));
  }

  private static Work adam() {
    float[] weights = normal(10_000_000, 1);
    float[] gradient = normal(10_000_000, 1);
    Tensor ours = parameter(weights, weights.length);
    ours.setGrad(Tensor.of(gradient.clone()));
    LocalOptimizer rule = new Adam(1e-3).over(List.of(ours));
    return new Work(
        "Adam step over 10M parameters",
        0.9,
        1,
        scoped(
            () -> {
              rule.step();
              return ours.detach().select(0, 0).item();
            }),
        peer -> peer.adam(weights, gradient));
  }

  /* What a step makes is freed when it ends, as the trainer does. */
  private static Work.Step scoped(Work.Step step) {
    return () -> {
      try (TensorScope scope = TensorScope.open()) {
        return step.run();
      }
    };
  }

  private static void update(Tensor... parameters) {
    try (var g = Grad.noGrad()) {
      for (Tensor p : parameters) {
        p.sub_(p.grad(), LR);
        p.grad().zero_();
      }
    }
  }

  private static Tensor parameter(float[] numbers, int... shape) {
    return Tensor.of(numbers.clone(), shape).requiresGrad_();
  }

  private static float[] normal(int n, double scale) {
    float[] numbers = new float[n];
    Generator.current().fillNormal(numbers, 0, n);
    for (int i = 0; i < n; i++) numbers[i] *= (float) scale;
    return numbers;
  }

  private static long[] classes(int n, int classes) {
    long[] numbers = new long[n];
    Generator.current().fillInts(numbers, 0, n, 0, classes);
    return numbers;
  }
}
