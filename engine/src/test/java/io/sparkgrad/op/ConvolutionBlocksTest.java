package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Autograd;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Convolutions in blocks, of some rows of a large image, of an image, or of several small ones,
 * give what sums over unfolded patches give, and the same gradients.
 */
class ConvolutionBlocksTest {
  @ParameterizedTest
  @CsvSource({
    "2, 64, 44, 41, 3, 1, 1", // some rows of an image at a time
    "2, 64, 85, 83, 3, 2, 1",
    "5, 6, 20, 17, 2, 1, 0", // an image at a time
    "40, 3, 7, 6, 3, 2, 1", // several images at a time, and fewer last
    "300, 8, 3, 2, 1, 1, 0" // pixels themselves
  })
  void giveWhatUnfoldedPatchesGive(
      int n, int channels, int height, int width, int kernel, int stride, int padding) {
    MakeTensor make = new MakeTensor(channels);
    Tensor x = make.any(n, channels, height, width).requiresGrad_();
    Tensor w = make.any(4, channels, kernel, kernel).requiresGrad_();
    Tensor expected = byPatches(x, w, stride, padding);
    Tensor actual = x.conv2d(w, null, stride, padding);
    assertArrayEquals(expected.shape(), actual.shape());
    close(expected, actual);
    Tensor g = make.any(actual.shape());
    List<Tensor> theirs = Autograd.grad(expected.mul(g).sum(), List.of(x, w));
    List<Tensor> ours = Autograd.grad(actual.mul(g).sum(), List.of(x, w));
    for (int i = 0; i < 2; i++) close(theirs.get(i), ours.get(i));
  }

  private static Tensor byPatches(Tensor x, Tensor w, int stride, int padding) {
    int kernel = w.size(2);
    Tensor padded = x.pad(new int[] {padding, padding, padding, padding}, "constant");
    Tensor patches = padded.unfold(2, kernel, stride).unfold(3, kernel, stride);
    return Tensor.einsum("nchwij,ocij->nohw", patches, w);
  }

  private static void close(Tensor expected, Tensor actual) {
    assertArrayEquals(expected.toDoubles(), actual.toDoubles(), 1e-9);
  }
}
