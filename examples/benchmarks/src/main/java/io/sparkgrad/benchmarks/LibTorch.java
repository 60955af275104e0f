package io.sparkgrad.benchmarks;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
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
