package larger;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** Loads the model that Train saved, without Spark, and predicts one pair at a time. */
public class Serve {
  public static void main(String[] args) throws IOException {
    Module net = new Sequential(new Linear(2, 16), new ReLU(), new Linear(16, 2));
    net.load(Path.of(args[0]));
    for (float[] pair : new float[][] {{0.2f, 0.9f}, {0.8f, 0.1f}})
      System.out.println(Arrays.toString(pair) + " -> " + larger(net, pair));

    long[] nanos = new long[20_001];
    for (int i = 0; i < 5 * nanos.length; i++) { // the last fifth stays: Java is warm by then
      long start = System.nanoTime();
      larger(net, i % 7 / 7f, i % 5 / 5f);
      nanos[i % nanos.length] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    System.out.printf(
        Locale.ROOT,
        "a prediction: %.1f us (median of %d)%n",
        nanos[nanos.length / 2] / 1e3,
        nanos.length);
  }

  /** The place of the larger number. */
  static int larger(Module net, float... pair) {
    try (var quiet = Grad.noGrad()) {
      return (int) net.forward(Tensor.of(pair, 1, 2)).argmax(1).item();
    }
  }
}
