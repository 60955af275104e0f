package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.GradOptions;
import java.util.Arrays;
import java.util.List;

/** A pass that records no graph may run other code than one that does: both must agree. */
final class FusedBackward {
  private FusedBackward() {}

  /** Gradients of the sample's op on these inputs, under random weights, are the same both ways. */
  static void assertAgrees(SampleInput s, double tolerance, Tensor... in) {
    Tensor[] leaves =
        Arrays.stream(in)
            .map(t -> t.dtype().isFloatingPoint() ? t.detach().requiresGrad_() : t)
            .toArray(Tensor[]::new);
    List<Tensor> composed = gradients(s, leaves, GradOptions.of().createGraph());
    List<Tensor> fused = gradients(s, leaves, GradOptions.of());
    for (int i = 0; i < composed.size(); i++) {
      assertEquals(composed.get(i) == null, fused.get(i) == null, s.op().name());
      if (composed.get(i) == null) continue;
      assertEquals(composed.get(i).dtype(), fused.get(i).dtype());
      assertArrayEquals(composed.get(i).shape(), fused.get(i).shape());
      double[] c = composed.get(i).toDoubles();
      double[] f = fused.get(i).toDoubles();
      for (int k = 0; k < c.length; k++) {
        double off = Math.abs(c[k] - f[k]);
        assertTrue(
            off <= tolerance * Math.max(1, Math.abs(c[k])),
            s.op().name() + ": composed " + c[k] + ", fused " + f[k]);
      }
    }
  }

  private static List<Tensor> gradients(SampleInput s, Tensor[] leaves, GradOptions options) {
    MakeTensor make = new MakeTensor(31);
    List<Tensor> out =
        Arrays.stream(Ops.callAll(s.op(), leaves)).filter(Tensor::requiresGrad).toList();
    List<Tensor> weights =
        out.stream().map(t -> make.any(t.shape()).to(t.dtype()).to(t.device())).toList();
    List<Tensor> inputs = Arrays.stream(leaves).filter(Tensor::requiresGrad).toList();
    return Autograd.grad(out, inputs, options.gradOutputs(weights).allowUnused());
  }
}
