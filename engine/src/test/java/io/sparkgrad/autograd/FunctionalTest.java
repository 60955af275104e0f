package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.says;
import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Case 79: whole derivatives. */
class FunctionalTest {
  private static final TensorFunction PRODUCT = in -> List.of(in.get(0).mul(in.get(1)).exp());
  private static final TensorFunction ENERGY =
      in -> List.of(in.get(0).pow(3).mul(in.get(1)).add(in.get(1).pow(2)).sum());

  private static Tensor point(double... at) {
    return Tensor.of(at, at.length);
  }

  @Test
  void case79_jacobianHasTheShapesOfOutputAndInput() {
    Tensor x = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Tensor j = Functional.of().jacobian(t -> t.mul(t).sum(1), x);
    assertArrayEquals(new int[] {2, 2, 3}, j.shape());
    values(j, 2, 4, 6, 0, 0, 0, 0, 0, 0, 8, 10, 12);
    assertFalse(j.requiresGrad());
    Tensor number = Functional.of().jacobian(t -> t.mul(t), Tensor.scalar(3).to(DType.FLOAT64));
    assertEquals(0, number.dim());
    values(number, 6);
  }

  @Test
  void case79_hessianOfACube() {
    Tensor h = Functional.of().hessian(t -> t.pow(3).sum(), point(1, 2));
    assertArrayEquals(new int[] {2, 2}, h.shape());
    values(h, 6, 0, 0, 12);
    values(Functional.of().hessian(t -> t.mul(2).sum(), point(1, 2)), 0, 0, 0, 0);
  }

  @Test
  void case79_hessianBlocksOfTwoInputs() {
    List<List<Tensor>> h = Functional.of().hessian(ENERGY, List.of(point(1, 2), point(3, 4)));
    values(h.get(0).get(0), 18, 0, 0, 48);
    values(h.get(0).get(1), 3, 0, 0, 12);
    values(h.get(1).get(0), 3, 0, 0, 12);
    values(h.get(1).get(1), 2, 0, 0, 2);
  }

  @Test
  void case79_productsAreRowsAndColumnsOfTheJacobian() {
    List<Tensor> in = List.of(point(0.5, 1), point(2, -1));
    List<List<Tensor>> j = Functional.of().jacobian(PRODUCT, in);
    Tensor v = point(0.3, -2);
    var vjp = Functional.of().vjp(PRODUCT, in, List.of(v));
    values(vjp.outputs().get(0), Math.exp(1), Math.exp(-1));
    for (int i = 0; i < 2; i++) {
      values(vjp.derivatives().get(i), v.view(1, 2).mm(j.get(0).get(i)).toDoubles());
    }
    Tensor w = point(5, 7);
    var jvp = Functional.of().jvp(PRODUCT, in, List.of(v, w));
    Tensor expected = j.get(0).get(0).mm(v.view(2, 1)).add(j.get(0).get(1).mm(w.view(2, 1)));
    values(jvp.derivatives().get(0), expected.toDoubles());
  }

  @Test
  void case79_hessianProductsAreItsRows() {
    List<Tensor> in = List.of(point(1, 2));
    TensorFunction f = t -> List.of(t.get(0).pow(3).sum().mul(t.get(0).sum()));
    Tensor h = Functional.of().hessian(f, in).get(0).get(0);
    Tensor v = point(0.5, -3);
    double[] expected = h.mm(v.view(2, 1)).toDoubles();
    var vhp = Functional.of().vhp(f, in, List.of(v));
    var hvp = Functional.of().hvp(f, in, List.of(v));
    values(vhp.outputs().get(0), 27);
    values(vhp.derivatives().get(0), expected);
    values(hvp.derivatives().get(0), expected);
  }

  @Test
  void case79_whatDoesNotDependIsZerosOrAnErrorWhenStrict() {
    Tensor x = point(1, 2);
    values(Functional.of().jacobian(t -> Tensor.ones(2), x), 0, 0, 0, 0);
    says(
        () -> Functional.of().strict().jacobian(t -> Tensor.ones(2), x),
        "Output 0 of the user-provided function does not require gradients. The outputs must be computed in a "
            + "differentiable manner from the input when running in strict mode.");
    TensorFunction first = in -> List.of(in.get(0).mul(in.get(0)));
    values(Functional.of().jacobian(first, List.of(x, x)).get(0).get(1), 0, 0, 0, 0);
    says(
        () -> Functional.of().strict().jacobian(first, List.of(x, x)),
        "Output 0 of the user-provided function is independent of input 1. This is not allowed in strict mode.");
    says(
        () -> Functional.of().strict().hessian(t -> t.mul(2).sum(), x),
        "The jacobian of the user-provided function is independent of input 0. This is not allowed in strict mode.");
    says(
        () -> Functional.of().strict().createGraph().jacobian(t -> t.mul(2), x),
        "The jacobian of the user-provided function is independent of input 0. This is not allowed in strict mode "
            + "when createGraph is set.");
    says(
        () -> Functional.of().strict().vjp(first, List.of(x, x), List.of(x)),
        "The jacobian of the user-provided function is independent of input 1. This is not allowed in strict mode.");
    says(
        () -> Functional.of().strict().jvp(first, List.of(x, x), List.of(x, x)),
        "The output of the user-provided function is independent of input 1. This is not allowed in strict mode.");
  }

  @Test
  void case79_badVectorsAreNamed() {
    List<Tensor> in = List.of(point(1, 2));
    TensorFunction same = t -> List.of(t.get(0).mul(2));
    says(
        () -> Functional.of().vjp(same, in, null),
        "The vector v can only be null if the user-provided function returns a single Tensor with a single element.");
    says(
        () -> Functional.of().jvp(same, in, null),
        "The vector v can only be null if the input to the user-provided function is a single Tensor with a single "
            + "element.");
    says(
        () -> Functional.of().vjp(same, in, List.of(point(1))),
        "v has invalid size: should be [2] but is [1].");
    says(
        () -> Functional.of().jvp(same, in, List.of(point(1), point(1))),
        "v is a list of invalid length: should be 1 but got 2.");
    says(
        () -> Functional.of().hvp(same, in, in),
        "The Tensor returned by the function given to hvp should contain a single element");
    says(
        () -> Functional.of().hessian(t -> List.of(t.get(0), t.get(0)), in),
        "The function given to hessian should return a single Tensor");
    values(Functional.of().vjp(t -> List.of(t.get(0).sum()), in, null).derivatives().get(0), 1, 1);
  }

  @Test
  void case79_resultsAreDifferentiableOnDemand() {
    Tensor x = Tensor.rand(DType.FLOAT64, 2).requiresGrad_();
    Functional whole = Functional.of().createGraph();
    Tensor v = point(1, -2);
    List<TensorFunction> all =
        List.of(
            in -> List.of(whole.jacobian(t -> t.pow(3), in.get(0))),
            in -> List.of(whole.hessian(t -> t.pow(4).sum(), in.get(0))),
            in -> whole.vjp(t -> List.of(t.get(0).pow(3)), in, List.of(v)).derivatives(),
            in -> whole.jvp(t -> List.of(t.get(0).pow(3)), in, List.of(v)).derivatives(),
            in -> whole.vhp(t -> List.of(t.get(0).pow(4).sum()), in, List.of(v)).derivatives(),
            in -> whole.hvp(t -> List.of(t.get(0).pow(4).sum()), in, List.of(v)).derivatives());
    for (TensorFunction f : all) {
      assertTrue(f.apply(List.of(x)).get(0).requiresGrad());
      GradCheck.gradcheck(f, x);
    }
  }

  @Test
  void case79_noGradAroundDoesNotMatter() {
    try (var quiet = Grad.noGrad()) {
      values(Functional.of().jacobian(t -> t.pow(2), point(3)), 6);
      assertFalse(Grad.isEnabled());
    }
  }
}
