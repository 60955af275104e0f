package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.leaf;
import static io.sparkgrad.autograd.BackwardTest.says;
import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Case 62: what backward needs, kept in another form. */
class SavedTensorHooksTest {
  private int packed;
  private int unpacked;

  private SavedTensorHooks counting() {
    return SavedTensorHooks.use(
        t -> {
          packed++;
          return t;
        },
        t -> {
          unpacked++;
          return t;
        });
  }

  @Test
  void case62_onlyWhatIsNeededIsPacked() {
    Tensor x = leaf(5);
    try (var h = counting()) {
      x.mul(Tensor.tensor(3.0)).backward();
      assertEquals(1, packed);
      assertEquals(1, unpacked);
      x.mul(leaf(2)).backward();
      assertEquals(3, packed);
    }
    values(x.grad(), 5);
    x.mul(x).backward();
    assertEquals(3, packed);
  }

  @Test
  void case62_theInnermostPairCounts() {
    Tensor x = leaf(1, 2);
    Tensor y;
    try (var outer = SavedTensorHooks.<Tensor>use(t -> t.mul(100), t -> t)) {
      try (var inner = SavedTensorHooks.<Tensor>use(t -> t.mul(2), t -> t.mul(5))) {
        y = x.mul(x);
      }
    }
    y.sum().backward();
    values(x.grad(), 2 * 10 * 1, 2 * 10 * 2);
  }

  @Test
  void case62_derivativesOfTheDerivativeFindTheirWay() {
    Tensor x = Tensor.rand(DType.FLOAT64, 3).requiresGrad_();
    TensorFunction f =
        in -> {
          try (var h =
              SavedTensorHooks.<double[]>use(Tensor::toDoubles, a -> Tensor.of(a, a.length))) {
            Tensor t = in.get(0);
            return List.of(t.mul(t).exp().mul(t.tanh()));
          }
        };
    GradCheck.gradcheck(f, x);
    GradCheck.gradgradcheck(f, x);
  }

  @Test
  void case62_derivativesThroughLeafAndOutput() {
    Tensor x = leaf(2);
    Tensor y;
    try (var h = counting()) {
      y = x.exp().mul(x);
    }
    Tensor g = Autograd.grad(y, x, GradOptions.of().createGraph()); // (1 + x) eˣ
    values(g, 3 * Math.exp(2));
    values(Autograd.grad(List.of(g), List.of(x)).get(0), 4 * Math.exp(2));
  }

  @Test
  void case62_disablingForbidsWithItsText() {
    try (var off = SavedTensorHooks.disable("hooks are off here")) {
      says(this::counting, "hooks are off here");
      values(square(3), 6);
    }
    try (var h = counting()) {
      says(() -> SavedTensorHooks.disable("not under hooks"), "not under hooks");
    }
    try (var h = counting()) {
      assertEquals(0, packed);
    }
  }

  private static Tensor square(double at) {
    Tensor x = leaf(at);
    x.mul(x).backward();
    return x.grad();
  }

  @Test
  void case62_errorsOfTheHooksComeThrough() {
    Tensor x = leaf(1);
    try (var h =
        SavedTensorHooks.<Tensor>use(
            t -> {
              throw new IllegalStateException("cannot pack");
            },
            t -> t)) {
      says(() -> x.mul(x), "cannot pack");
    }
    Tensor y;
    try (var h =
        SavedTensorHooks.<Tensor>use(
            t -> t,
            t -> {
              throw new IllegalStateException("cannot unpack");
            })) {
      y = x.mul(x);
    }
    says(y::backward, "cannot unpack");
    Tensor z;
    try (var h = SavedTensorHooks.<Tensor>use(t -> t, t -> null)) {
      z = x.mul(x);
    }
    says(z::backward, "Output of saved tensor unpack_hook expected to be a Tensor, got null");
  }

  @Test
  void case62_packingMustNotChangeTheTensor() {
    Tensor x = leaf(1).clone();
    try (var h = SavedTensorHooks.<Tensor>use(t -> t.mul_(2), t -> t)) {
      assertTrue(
          assertThrows(AutogradException.class, () -> x.mul(x))
              .getMessage()
              .startsWith("A saved tensor pack hook is modifying its input in place."));
    }
  }

  @Test
  void case62_versionsAreNotCheckedUnderHooks() {
    Tensor x = leaf(3);
    Tensor h = x.clone();
    Tensor y;
    try (var hooks = SavedTensorHooks.<Tensor>use(Tensor::clone, t -> t)) {
      y = h.mul(h);
    }
    h.detach().zero_();
    y.backward();
    values(x.grad(), 6);
  }

  @Test
  void case62_whatWasFreedIsAnErrorToo() {
    Tensor x = leaf(3);
    Tensor y;
    try (var hooks = counting()) {
      y = x.mul(x);
    }
    y.backward();
    assertThrows(AutogradException.class, y::backward);
    assertEquals(2, unpacked);
  }

  @Test
  void case62_savedOnDisk(@TempDir Path dir) {
    Tensor x = leaf(1, 2, 3);
    Tensor y;
    try (var hooks = SavedTensorHooks.<Path>use(t -> write(dir, t), SavedTensorHooksTest::read)) {
      y = x.mul(x).sum();
    }
    y.backward();
    values(x.grad(), 2, 4, 6);
  }

  private Path write(Path dir, Tensor t) {
    float[] a = t.toFloats();
    ByteBuffer bytes = ByteBuffer.allocate(4 * a.length);
    bytes.asFloatBuffer().put(a);
    try {
      return Files.write(dir.resolve("t" + packed++), bytes.array());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Tensor read(Path file) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
      float[] a = new float[bytes.remaining() / 4];
      bytes.asFloatBuffer().get(a);
      return Tensor.of(a, a.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void case62_saveOnCpuGivesTheSameGradients() {
    Tensor x = leaf(1, 2, 3);
    Tensor y;
    try (var hooks = SavedTensorHooks.saveOnCpu()) {
      y = x.mul(x).exp().sum();
    }
    y.backward();
    Tensor other = leaf(1, 2, 3);
    other.mul(other).exp().sum().backward();
    values(x.grad(), other.grad().toDoubles());
  }

  @Test
  void case63_savedTensorsMayBeChangedInside() {
    Tensor a = leaf(1, 2);
    Tensor b = leaf(3, 4);
    try (var allowed = SavedTensorHooks.allowMutationOnSaved()) {
      Tensor x = a.clone();
      Tensor y = b.clone();
      Tensor view = y.select(0, 0);
      Tensor product = x.mul(y); // saves both
      Tensor exp = product.exp(); // saves itself
      view.mul_(10); // through a view of what was saved
      x.zero_();
      exp.add_(1);
      List<Tensor> first =
          Autograd.grad(List.of(product.sum()), List.of(a, b), GradOptions.of().createGraph());
      values(first.get(0), 3, 4);
      values(first.get(1), 1, 2);
      values(Autograd.grad(List.of(first.get(0).sum()), List.of(b)).get(0), 1, 1);
      exp.sum().backward();
      values(a.grad(), 3 * Math.exp(3), 4 * Math.exp(8));
    }
  }

  @Test
  void case63_aSavedViewMayBeChangedThroughItsBase() {
    Tensor a = leaf(1, 2);
    try (var allowed = SavedTensorHooks.allowMutationOnSaved()) {
      Tensor base = a.clone();
      Tensor square = base.view(2, 1).pow(2);
      base.fill_(7);
      square.sum().backward();
    }
    values(a.grad(), 2, 4);
  }

  @Test
  void case63_backwardOutsideAndNestingAreErrors() {
    Tensor a = leaf(1, 2);
    Tensor y;
    try (var allowed = SavedTensorHooks.allowMutationOnSaved()) {
      y = a.pow(2);
      says(
          SavedTensorHooks::allowMutationOnSaved,
          "allow_mutation_on_saved_tensors contexts cannot be nested");
    }
    says(
        () -> y.sum().backward(),
        "Trying to backward outside of the 'allow_mutation_on_saved_tensors' context in which the graph was "
            + "originally recorded.");
    try (var again = SavedTensorHooks.allowMutationOnSaved()) {
      a.pow(2).sum().backward();
    }
    values(a.grad(), 2, 4);
  }
}
