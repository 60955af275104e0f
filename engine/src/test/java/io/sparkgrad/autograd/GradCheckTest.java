package io.sparkgrad.autograd;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Case 78: gradcheck finds what is wrong. */
class GradCheckTest {
  private static final GradCheckOptions FAST = GradCheckOptions.of().fastMode();
  private static final GradCheckOptions QUIET = GradCheckOptions.of().raiseException(false);

  private int calls;

  private static Tensor input() {
    return Tensor.rand(DType.FLOAT64, 3).requiresGrad_();
  }

  private static TensorFunction withBackward(FunctionTest.Forward backward) {
    FunctionTest.Fn f =
        new FunctionTest.Fn((ctx, in) -> new Tensor[] {in[0].mul(2)}, backward, false);
    return in -> List.of(f.apply(in.get(0)));
  }

  private static String failure(GradCheckOptions options, TensorFunction f) {
    return assertThrows(AssertionError.class, () -> GradCheck.gradcheck(options, f, input()))
        .getMessage();
  }

  @Test
  void case78_aWrongGradientIsShown() {
    TensorFunction wrong = withBackward((ctx, g) -> new Tensor[] {g[0].mul(3)});
    String start = "Jacobian mismatch for output 0 with respect to input 0,\nnumerical:[[";
    assertTrue(failure(GradCheckOptions.of(), wrong).startsWith(start));
    assertTrue(failure(FAST, wrong).startsWith(start));
    assertFalse(GradCheck.gradcheck(QUIET, wrong, input()));
    TensorFunction right = withBackward((ctx, g) -> new Tensor[] {g[0].mul(2)});
    assertTrue(GradCheck.gradcheck(right, input()));
    assertTrue(GradCheck.gradcheck(FAST, right, input()));
    assertTrue(GradCheck.gradgradcheck(FAST, in -> List.of(in.get(0).exp()), input()));
  }

  @Test
  void case78_aBackwardThatIsNotTheSameTwiceIsFound() {
    TensorFunction jumpy =
        withBackward((ctx, g) -> new Tensor[] {g[0].mul(2 + 1e-7 * (calls++ % 2))});
    assertTrue(failure(GradCheckOptions.of(), jumpy).startsWith("Backward is not reentrant"));
    assertTrue(failure(FAST, jumpy).startsWith("Backward is not reentrant"));
    assertTrue(GradCheck.gradcheck(GradCheckOptions.of().nondetTol(1e-5), jumpy, input()));
  }

  @Test
  void case78_gradientsThatAreMissingMustCountAsZeros() {
    FunctionTest.Fn wrong =
        new FunctionTest.Fn(
            (ctx, in) -> {
              ctx.setMaterializeGrads(false);
              return new Tensor[] {in[0].mul(2), in[0].mul(3)};
            },
            (ctx, g) ->
                new Tensor[] {
                  g[0] == null
                      ? g[1].mul(3)
                      : g[1] == null ? g[0].mul(2.5) : g[0].mul(2).add(g[1].mul(3))
                },
            false);
    assertThrows(
        AssertionError.class,
        () -> GradCheck.gradcheck(in -> List.of(wrong.applyAll(in.get(0))), input()));
  }

  @Test
  void theSameOutputTwiceIsTwoOutputs() {
    TensorFunction twice =
        in -> {
          Tensor y = in.get(0).mul(2);
          return List.of(y, y);
        };
    assertTrue(GradCheck.gradcheck(twice, input()));
  }

  @Test
  void case78_anOutputWhoseShapeDependsOnTheValuesIsRefused() {
    double[] first = {Double.NaN};
    TensorFunction f =
        in -> {
          double value = in.get(0).at(0);
          if (Double.isNaN(first[0])) first[0] = value;
          return List.of(in.get(0).narrow(0, 0, value == first[0] ? 3 : 2).mul(2));
        };
    assertTrue(
        failure(GradCheckOptions.of(), f)
            .startsWith("Expected the function to return outputs with the same shape"));
  }

  @Test
  void case78_float32AndPlainInputsAreRefused() {
    TensorFunction f = in -> List.of(in.get(0).mul(2));
    assertThrows(
        IllegalArgumentException.class,
        () -> GradCheck.gradcheck(f, Tensor.ones(2).requiresGrad_()));
    assertThrows(
        IllegalArgumentException.class,
        () -> GradCheck.gradcheck(f, Tensor.zeros(DType.FLOAT64, 2)));
  }

  @Test
  void case78_tolerancesAndStepAreOptions() {
    TensorFunction f = in -> List.of(in.get(0).pow(3));
    GradCheckOptions coarse = GradCheckOptions.of().eps(1e-1).rtol(0);
    assertFalse(GradCheck.gradcheck(coarse.raiseException(false), f, input()));
    assertTrue(GradCheck.gradcheck(coarse.atol(0.1), f, input()));
  }
}
