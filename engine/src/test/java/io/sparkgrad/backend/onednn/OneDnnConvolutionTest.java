package io.sparkgrad.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.backend.Use;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterTry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** oneDNN's products beside those of patches by BLAS, in float32. */
class OneDnnConvolutionTest {
  private static final String PLATFORM = "linux-x86_64"; // for which the build brings it

  @AfterEach
  @AfterTry
  void asBefore() {
    OneDnn.use(Use.AUTO);
  }

  @Property(tries = 150)
  void itsProductsAreThoseOfPatches(@ForAll long seed) {
    Random random = new Random(seed);
    int groups = 1 + random.nextInt(2);
    int kernel = 1 + random.nextInt(3);
    int dilation = 1 + random.nextInt(2);
    int size = dilation * (kernel - 1) + 1 + random.nextInt(12);
    Tensor x =
        numbers(random, 1 + random.nextInt(9), groups * (1 + random.nextInt(5)), size, size + 1);
    Tensor w =
        numbers(random, groups * (1 + random.nextInt(9)), x.size(1) / groups, kernel, kernel);
    int[] stride = {1 + random.nextInt(2), 1 + random.nextInt(3)};
    int[] padding = {random.nextInt(kernel), random.nextInt(2)};
    same(List.of(x, w), () -> x.conv2d(w, null, stride, padding, new int[] {dilation}, groups));
  }

  @ParameterizedTest
  @CsvSource({
    "70, 16, 18, 24, 3, 1, 1", // several blocks, and a smaller one at the end
    "3, 64, 60, 8, 3, 2, 1", // images larger than a block
    "64, 32, 7, 64, 1, 1, 0" // pixels themselves
  })
  void itsBlocksAreOneProduct(
      int n, int channels, int size, int outputs, int kernel, int stride, int padding) {
    Random random = new Random(n);
    Tensor x = numbers(random, n, channels, size, size);
    Tensor w = numbers(random, outputs, channels, kernel, kernel);
    same(List.of(x, w), () -> x.conv2d(w, null, stride, padding));
  }

  @Test
  void transposedOnesAreItsToo() {
    Random random = new Random(7);
    Tensor x = numbers(random, 9, 6, 5, 7);
    Tensor w = numbers(random, 6, 8, 3, 3);
    same(List.of(x, w), () -> transposed(x, w, 2, 1, 1));
    same(List.of(x, w), () -> transposed(x, w, 1, 3, 2)); // leaves more than a step
  }

  private static Tensor transposed(Tensor x, Tensor w, int stride, int dilation, int more) {
    int[] none = {0};
    return x.convTranspose2d(
        w, null, new int[] {stride}, none, new int[] {more}, 1, new int[] {dilation});
  }

  @Test
  void threadsAtOnceGiveTheSameBits() throws Exception {
    OneDnn.use(wanted());
    Random random = new Random(3);
    Tensor x = numbers(random, 40, 8, 16, 16);
    Tensor w = numbers(random, 16, 8, 3, 3);
    float[] expected = x.conv2d(w, null, 1, 1).toFloats();
    Callable<float[]> again = () -> x.conv2d(w, null, 1, 1).toFloats();
    var threads = Executors.newFixedThreadPool(4);
    try {
      for (var other : threads.invokeAll(Collections.nCopies(40, again)))
        assertArrayEquals(expected, other.get());
    } finally {
      threads.shutdown();
    }
  }

  /**
   * Of a library that starts threads by the machine's cores, as this one would, they are children.
   */
  @Test
  void aCallTakesItsThreadAlone() throws Exception {
    OneDnn.use(wanted());
    Random random = new Random(5);
    Tensor x = numbers(random, 64, 16, 32, 32);
    Tensor w = numbers(random, 32, 16, 3, 3);
    long[] count = new long[1];
    Thread thread =
        new Thread(
            () -> {
              x.conv2d(w, null, 1, 1);
              // One of Java's own has its parent's name until it takes its own; one of C's keeps
              // it.
              for (int look = 0; look < 100 && (count[0] = named("convolves")) > 1; look++)
                LockSupport.parkNanos(10_000_000);
            },
            "convolves");
    thread.start();
    thread.join();
    assertEquals(count[0] > 0 ? 1 : 0, count[0]);
  }

  /* A thread that C starts has the name of its parent. 0 where the system does not say. */
  private static long named(String name) {
    Path threads = Path.of("/proc/self/task");
    if (!Files.exists(threads)) return 0;
    try (Stream<Path> all = Files.list(threads)) {
      return all.filter(t -> read(t.resolve("comm")).strip().equals(name)).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return ""; // the thread has ended
    }
  }

  /** oneDNN must be there where the build brings it. */
  private static Use wanted() {
    String arch = System.getProperty("os.arch").replace("amd64", "x86_64");
    String platform = System.getProperty("os.name").toLowerCase(Locale.ROOT) + "-" + arch;
    return platform.equals(PLATFORM) ? Use.REQUIRE : Use.AUTO;
  }

  private static Tensor numbers(Random random, int... shape) {
    float[] numbers = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < numbers.length; i++) numbers[i] = random.nextFloat() - 0.5f;
    return Tensor.of(numbers, shape).requiresGrad_();
  }

  private interface Made {
    Tensor make();
  }

  private static void same(List<Tensor> from, Made made) {
    OneDnn.use(Use.OFF);
    Tensor patches = made.make();
    Tensor g = numbers(new Random(1), patches.shape()).detach();
    List<Tensor> expected = Autograd.grad(patches.mul(g).sum(), from);
    OneDnn.use(wanted());
    Tensor oneDnn = made.make();
    List<Tensor> actual = Autograd.grad(oneDnn.mul(g).sum(), from);
    close(patches, oneDnn);
    for (int i = 0; i < from.size(); i++) close(expected.get(i), actual.get(i));
  }

  private static void close(Tensor expected, Tensor actual) {
    assertArrayEquals(expected.shape(), actual.shape());
    double largest = expected.abs().max().item();
    double difference = expected.sub(actual).abs().max().item();
    assertTrue(difference <= 1e-5 * (1 + largest), difference + " of " + largest);
  }
}
