package io.sparkgrad.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The steps of {@link Works} by libtorch through JavaCPP, on one thread. */
final class LibTorch implements Peer {
  /**
   * For a JVM that loads libtorch: no libraries but JavaCPP's. A libtorch of the system's (Debian's
   * libtorch-dev has a libtorch.so) beside this one ends the JVM in native code.
   */
  static final String OWN_LIBRARIES = "-Djava.library.path=";

  LibTorch() {
    torch.set_num_threads(1);
  }

  /**
   * Unpacks libtorch's libraries, to be called before a JVM loads them. JavaCPP unpacks each one as
   * it loads it, and libtorch.so needs one that comes later: on a machine's first run it fails, and
   * JavaCPP goes on with what the system calls libtorch.
   */
  static void unpack() throws IOException {
    Loader.cacheResource(
        torch.class, "/org/bytedeco/pytorch/" + Loader.getPlatform() + "/"); // loads nothing
  }

  @Override
  public Work.Step chain(float[] x, float[] w) {
    Tensor theirX = parameter(x);
    Tensor theirW = parameter(w);
    return scoped(
        () -> {
          Tensor y = theirX;
          for (int i = 0; i < 1000; i++) y = y.mul(theirW);
          y.backward();
          double result = y.item_float() + theirW.grad().item_float();
          forget(theirX);
          forget(theirW);
          return result;
        });
  }

  @Override
  public Work.Step twoLayer(double lr, float[] x, float[] y, float[] w1, float[] w2) {
    Tensor theirX = tensor(x, 64, 1000);
    Tensor theirY = tensor(y, 64, 10);
    Tensor theirW1 = parameter(w1, 1000, 100);
    Tensor theirW2 = parameter(w2, 100, 10);
    Scalar rate = new Scalar(lr);
    Scalar zero = new Scalar(0);
    Scalar two = new Scalar(2);
    return scoped(
        () -> {
          Tensor out = theirX.mm(theirW1).clamp_min(zero).mm(theirW2);
          Tensor loss = out.sub(theirY).pow(two).sum();
          loss.backward();
          update(rate, theirW1, theirW2);
          return loss.item_float();
        });
  }

  @Override
  public Work.Step mlp(double lr, float[] x, long[] digits, int[] sizes, List<float[]> numbers) {
    Tensor theirX = tensor(x, 128, 784);
    Tensor theirDigits = torch.tensor(digits);
    Tensor[] p = new Tensor[6];
    for (int i = 0; i < 3; i++) {
      p[2 * i] = parameter(numbers.get(2 * i), sizes[i + 1], sizes[i]);
      p[2 * i + 1] = parameter(numbers.get(2 * i + 1), sizes[i + 1]);
    }
    Scalar rate = new Scalar(lr);
    return scoped(
        () -> {
          Tensor hidden = torch.linear(theirX, p[0], p[1]).relu();
          hidden = torch.linear(hidden, p[2], p[3]).relu();
          Tensor loss = torch.cross_entropy_loss(torch.linear(hidden, p[4], p[5]), theirDigits);
          loss.backward();
          update(rate, p);
          return loss.item_float();
        });
  }

  @Override
  public Work.Step elementwise(float[] x, float[] w) {
    Tensor theirX = tensor(x, x.length);
    Tensor theirW = parameter(w, w.length);
    return scoped(
        () -> {
          Tensor loss = theirX.add(theirW).mul(theirX).tanh().sigmoid().sum();
          loss.backward();
          forget(theirW);
          return loss.item_float();
        });
  }

  @Override
  public Work.Step crossEntropy(float[] x, long[] target) {
    Tensor theirX = parameter(x, target.length, x.length / target.length);
    Tensor theirTarget = torch.tensor(target);
    return scoped(
        () -> {
          Tensor loss = torch.cross_entropy_loss(theirX, theirTarget);
          loss.backward();
          forget(theirX);
          return loss.item_float();
        });
  }

  @Override
  public Work.Step cnn(double lr, float[] x, long[] digits, List<float[]> numbers) {
    Tensor theirX = tensor(x, 128, 1, 28, 28);
    Tensor theirDigits = torch.tensor(digits);
    long[][] shapes = {{32, 1, 3, 3}, {32}, {64, 32, 3, 3}, {64}, {10, 1600}, {10}};
    Tensor[] p = new Tensor[shapes.length];
    for (int i = 0; i < p.length; i++) p[i] = parameter(numbers.get(i), shapes[i]);
    Scalar rate = new Scalar(lr);
    return scoped(
        () -> {
          Tensor y = torch.max_pool2d(convolved(theirX, p[0], p[1], 1, 0).relu(), 2, 2);
          y = torch.max_pool2d(convolved(y, p[2], p[3], 1, 0).relu(), 2, 2).flatten(1, -1);
          Tensor loss = torch.cross_entropy_loss(torch.linear(y, p[4], p[5]), theirDigits);
          loss.backward();
          update(rate, p);
          return loss.item_float();
        });
  }

  private static Tensor convolved(Tensor x, Tensor w, Tensor bias, long stride, long padding) {
    TensorOptional added = bias == null ? new TensorOptional() : new TensorOptional(bias);
    long[] strides = {stride, stride};
    long[] paddings = {padding, padding};
    return torch.conv2d(x, w, added, strides, paddings, new long[] {1, 1}, 1);
  }

  @Override
  public Work.Step resnet(float[] x, long[] labels, List<float[]> numbers) {
    Tensor theirX = tensor(x, 8, 3, 64, 64);
    Tensor theirLabels = torch.tensor(labels);
    ResNet18 model = new ResNet18(numbers);
    return scoped(
        () -> {
          Tensor loss = torch.cross_entropy_loss(model.forward(theirX), theirLabels);
          loss.backward();
          model.parameters.forEach(LibTorch::forget);
          return loss.item_float();
        });
  }

  /** In training; parameters in torchvision's order. */
  private static final class ResNet18 {
    final List<Tensor> parameters = new ArrayList<>();
    private final List<float[]> numbers;
    private final List<Tensor[]> running = new ArrayList<>();
    private int next; // parameter
    private int norm;

    ResNet18(List<float[]> numbers) {
      this.numbers = numbers;
      try (NoGradGuard guard = new NoGradGuard()) {
        forward(torch.zeros(1, 3, 64, 64));
      }
    }

    Tensor forward(Tensor x) {
      next = 0;
      norm = 0;
      Tensor y = normed(convolved(x, 64, 3, 7, 2, 3), 64).relu();
      long[] three = {3, 3};
      long[] two = {2, 2};
      long[] one = {1, 1};
      y = torch.max_pool2d(y, three, two, one, one, false);
      long channels = 64;
      for (long planes = 64; planes <= 512; planes *= 2)
        for (int b = 0; b < 2; b++, channels = planes)
          y = block(y, channels, planes, b == 0 && planes > 64 ? 2 : 1);
      y = torch.adaptive_avg_pool2d(y, 1, 1).flatten(1, -1);
      return torch.linear(y, parameter(1000, 512), parameter(1000));
    }

    private Tensor block(Tensor x, long channels, long planes, long stride) {
      Tensor y = normed(convolved(x, planes, channels, 3, stride, 1), planes).relu();
      y = normed(convolved(y, planes, planes, 3, 1, 1), planes);
      Tensor shortcut =
          channels == planes ? x : normed(convolved(x, planes, channels, 1, stride, 0), planes);
      return y.add(shortcut).relu();
    }

    private Tensor convolved(Tensor x, long out, long in, long kernel, long stride, long padding) {
      return LibTorch.convolved(x, parameter(out, in, kernel, kernel), null, stride, padding);
    }

    private Tensor normed(Tensor x, long channels) {
      Tensor weight = parameter(channels);
      Tensor bias = parameter(channels);
      if (norm == running.size())
        running.add(new Tensor[] {torch.zeros(channels), torch.ones(channels)});
      Tensor[] r = running.get(norm++);
      return torch.batch_norm(
          x,
          new TensorOptional(weight),
          new TensorOptional(bias),
          new TensorOptional(r[0]),
          new TensorOptional(r[1]),
          true,
          0.1,
          1e-5,
          false);
    }

    private Tensor parameter(long... shape) {
      if (next == parameters.size()) parameters.add(LibTorch.parameter(numbers.get(next), shape));
      return parameters.get(next++);
    }
  }

  @Override
  public Work.Step adam(float[] weights, float[] gradient) {
    Tensor theirs = parameter(weights, weights.length);
    theirs.mutable_grad().put(tensor(gradient, gradient.length));
    Adam rule = new Adam(new TensorVector(theirs), new AdamOptions(1e-3));
    return scoped(
        () -> {
          rule.step();
          return theirs.detach().select(0, 0).item_float();
        });
  }

  /* What a step makes is freed when it ends, as libtorch's own programs do. */
  private static Work.Step scoped(Work.Step step) {
    return () -> {
      try (PointerScope scope = new PointerScope()) {
        return step.run();
      }
    };
  }

  private static void update(Scalar rate, Tensor... parameters) {
    try (NoGradGuard guard = new NoGradGuard()) {
      for (Tensor p : parameters) {
        p.sub_(p.grad(), rate);
        p.grad().zero_();
      }
    }
  }

  private static void forget(Tensor leaf) {
    leaf.mutable_grad().reset();
  }

  private static Tensor parameter(float[] numbers, long... shape) {
    return tensor(numbers, shape).requires_grad_(true);
  }

  private static Tensor tensor(float[] numbers, long... shape) {
    return torch.tensor(Arrays.copyOf(numbers, numbers.length)).reshape(shape);
  }
}
