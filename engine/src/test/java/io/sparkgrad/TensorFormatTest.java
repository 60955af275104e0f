package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Texts of PyTorch 1.13.1 that printing.json does not have. */
class TensorFormatTest {
  private static String floats(double... data) {
    return TensorFormat.floats(
        new int[] {data.length}, i -> data[(int) i], "torch.float32", null, null);
  }

  @Test
  void zerosAndNonFinites_chooseNoStyleAndNoWidth() {
    assertEquals("tensor([0., 0., 0.])", floats(0, 0, 0));
    assertEquals("tensor([0., nan])", floats(0, Double.NaN));
    assertEquals("tensor([1., 2., -0., -inf])", floats(1, 2, -0.0, Double.NEGATIVE_INFINITY));
    assertEquals(
        "tensor([ 1.5000e+00, -1.0000e-05,  3.0000e+09,         inf])",
        floats(1.5, -1e-5, 3e9, Double.POSITIVE_INFINITY));
  }

  @Test
  void thresholdsOfScientific() {
    assertEquals("tensor([0.0001, 0.1000])", floats(1e-4, 0.1));
    assertEquals("tensor([1.0000e-04, 5.0000e-01])", floats(1e-4, 0.5)); // more than 1,000 times
    assertEquals("tensor([  0.1000, 100.0000])", floats(0.1, 100));
    assertEquals("tensor([1.0000e-01, 1.0010e+02])", floats(0.1, 100.1));
    assertEquals("tensor([100000000.])", floats(1e8));
    assertEquals("tensor([1.1000e+08])", floats(1.1e8));
    assertEquals("tensor([1.0000e+300])", floats(1e300));
  }

  @Test
  void roundsTheExactDecimal_halfToEven() {
    assertEquals("tensor([0.0312, 0.5000])", floats(0.03125, 0.5)); // Formatter says 0.0313
    assertEquals("tensor([0.0938, 0.5000])", floats(0.09375, 0.5));
    assertEquals("tensor([1.0001])", floats(1.00005)); // in binary a little above the half
  }

  @Test
  void emptyTensors_nameShapeAndType() {
    assertEquals(
        "tensor([], size=(2, 0), dtype=torch.int64)",
        TensorFormat.integers(new int[] {2, 0}, i -> 0, "torch.int64", null));
    assertEquals(
        "tensor([], dtype=torch.float64)",
        TensorFormat.floats(new int[] {0}, i -> 0, "torch.float64", null, null));
    assertEquals(
        "tensor([], dtype=torch.bool)", TensorFormat.booleans(new int[] {0}, i -> true, null));
    assertEquals(
        "tensor([], device='cuda:0', size=(0, 3))",
        TensorFormat.floats(new int[] {0, 3}, i -> 0, "torch.float32", "cuda:0", null));
  }

  @Test
  void scalarsAndManyAxes() {
    assertEquals("tensor(True)", TensorFormat.booleans(new int[0], i -> true, null));
    assertEquals("tensor(-5)", TensorFormat.integers(new int[0], i -> -5, "torch.int64", null));
    assertEquals(
        "tensor([[[[[[1., 1.]]]]]])",
        TensorFormat.floats(new int[] {1, 1, 1, 1, 1, 2}, i -> 1, "torch.float32", null, null));
  }

  @Test
  void suffixes_moveToTheNextLineBeyond80() {
    int[] shape = {10};
    assertEquals(
        "tensor([0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000,\n"
            + "        0.5000], requires_grad=True)",
        TensorFormat.floats(shape, i -> 0.5, "torch.float32", null, "requires_grad=True"));
    assertEquals(
        "tensor([1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.],\n"
            + "       requires_grad=True)",
        TensorFormat.floats(new int[] {14}, i -> 1, "torch.float32", null, "requires_grad=True"));
    assertEquals(
        "tensor([[-0.5000, -0.5000, -0.5000, -0.5000, -0.5000, -0.5000, -0.5000, -0.5000,\n"
            + "         -0.5000],\n"
            + "        [-0.5000, -0.5000, -0.5000, -0.5000, -0.5000, -0.5000, -0.5000, -0.5000,\n"
            + "         -0.5000]], dtype=torch.float64, grad_fn=<MulBackward0>)",
        TensorFormat.floats(
            new int[] {2, 9}, i -> -0.5, "torch.float64", null, "grad_fn=<MulBackward0>"));
  }

  @Test
  void summary_readsOnlyWhatItShows() {
    AtomicInteger reads = new AtomicInteger();
    String text =
        TensorFormat.floats(
            new int[] {60_000, 60_000}, // more than an int can count: an expanded tensor
            i -> reads.getAndIncrement() < 0 ? 0 : i == 3_599_999_999L ? 7.5 : 1,
            "torch.float32",
            null,
            null);
    assertTrue(text.endsWith("[1.0000, 1.0000, 1.0000,  ..., 1.0000, 1.0000, 7.5000]])"), text);
    assertTrue(reads.get() <= 2 * 36, reads + " reads");
  }

  @Test
  void summary_ofThreeAxes() {
    String zeros = "[0., 0., 0.,  ..., 0., 0., 0.]";
    String pair = "[" + zeros + ",\n         " + zeros + "]";
    assertEquals(
        "tensor([" + String.join(",\n\n        ", pair, pair, pair, pair, pair) + "])",
        TensorFormat.floats(new int[] {5, 2, 101}, i -> 0, "torch.float32", null, null));
    String long7 = TensorFormat.integers(new int[] {7, 7, 30}, i -> i, "torch.int64", null);
    assertTrue(
        long7.startsWith(
            "tensor([[[   0,    1,    2,  ...,   27,   28,   29],\n"
                + "         [  30,   31,   32,  ...,   57,   58,   59],\n"
                + "         [  60,   61,   62,  ...,   87,   88,   89],\n"
                + "         ...,\n"
                + "         [ 120,  121,  122,  ...,  147,  148,  149],\n"),
        long7);
    assertTrue(
        long7.contains("  ...,  627,  628,  629]],\n\n        ...,\n\n        [[ 840,"), long7);
  }

  @Test
  void noLocaleIsAsked() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertEquals("tensor([0.5000, 1.2500])", floats(0.5, 1.25));
      assertEquals("tensor([1.0000e-05, 1.5000e+03])", floats(1e-5, 1500));
    } finally {
      Locale.setDefault(before);
    }
  }
}
