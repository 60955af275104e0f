package io.sparkgrad.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code t_()} and its kin: a tensor that shows its numbers otherwise, as PyTorch 1.13's do. */
class InPlaceViewsTest {
  private static final Tensor W = Tensor.arange(6).to(io.sparkgrad.DType.FLOAT32).view(2, 3);

  private static Tensor leaf() {
    return W.clone().requiresGrad_();
  }

  @Test
  void aPlainTensorChangesItsShapeAndCountsAWrite() {
    Tensor x = W.clone();
    assertSame(x, x.t_());
    assertArrayEquals(new int[] {3, 2}, x.shape());
    assertArrayEquals(new int[] {1, 3}, x.strides());
    assertEquals(1, x.version());
    assertArrayEquals(new int[] {1, 3, 2}, x.unsqueeze_(0).shape());
    assertArrayEquals(new int[] {3, 1, 2}, x.transpose_(0, 1).shape());
    assertArrayEquals(new int[] {3, 2}, x.squeeze_(1).shape());
    assertArrayEquals(new int[] {3, 2}, x.squeeze_().shape());
    assertArrayEquals(new int[] {2, 3}, x.swapaxes_(0, 1).shape());
    assertArrayEquals(W.toFloats(), x.toFloats());
  }

  @Test
  void aResultRecordsItLikeAnyOperation() {
    Tensor w = leaf();
    Tensor y = w.mul(2);
    y.t_();
    assertEquals("TBackward1", y.gradFn().name());
    assertEquals("UnsqueezeBackward1", y.unsqueeze_(0).gradFn().name());
    assertEquals("SqueezeBackward3", y.squeeze_(0).gradFn().name());
    assertEquals("SqueezeBackward2", y.squeeze_().gradFn().name());
    assertEquals("TransposeBackward1", y.transpose_(0, 1).gradFn().name());
    y.mul(W).sum().backward();
    assertArrayEquals(W.mul(2).toFloats(), w.grad().toFloats());
  }

  @Test
  void itsBaseAndOtherViewsKeepTheirShapes() {
    Tensor w = leaf();
    Tensor y = w.mul(2);
    Tensor row = y.select(0, 0);
    row.unsqueeze_(0);
    assertEquals("UnsqueezeBackward1", row.gradFn().name());
    assertEquals("MulBackward0", y.gradFn().name());
    row.mul_(3);
    assertArrayEquals(new int[] {1, 3}, row.shape());
    assertArrayEquals(new int[] {2, 3}, y.shape());
    assertEquals("CopySlices", y.gradFn().name());
    y.sum().backward();
    assertArrayEquals(new float[] {6, 6, 6, 2, 2, 2}, w.grad().toFloats());
  }

  @Test
  void aViewFollowsABaseThatWasTurned() {
    Tensor w = leaf();
    Tensor y = w.mul(2);
    Tensor line = y.view(6);
    y.t_();
    assertEquals("AsStridedBackward0", line.gradFn().name());
    line.mul(Tensor.arange(6)).sum().backward();
    assertArrayEquals(new float[] {0, 2, 4, 6, 8, 10}, w.grad().toFloats());
  }

  @Test
  void leavesViewsOfLeavesAndOneOfSeveralRefuseIt() {
    Tensor w = leaf();
    assertTrue(
        assertThrows(AutogradException.class, w::t_).getMessage().contains("a leaf Variable"));
    Tensor view = w.view(6);
    assertTrue(
        assertThrows(AutogradException.class, () -> view.unsqueeze_(0))
            .getMessage()
            .contains("a view of a leaf"));
    List<Tensor> parts = w.mul(2).unbind(0);
    assertThrows(AutogradException.class, () -> parts.get(0).unsqueeze_(0));
    try (var quiet = Grad.noGrad()) {
      assertArrayEquals(new int[] {3, 2}, w.t_().shape());
    }
  }

  @Test
  void whatSavedItNoticesTheWrite() {
    Tensor y = leaf().mul(2);
    Tensor z = y.sin();
    y.t_();
    assertThrows(AutogradException.class, () -> z.sum().backward());
  }
}
