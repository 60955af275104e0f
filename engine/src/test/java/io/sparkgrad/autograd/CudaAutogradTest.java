package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.BackwardTest.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sparkgrad.DType;
import io.sparkgrad.Device;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.EmulatedGpu;
import io.sparkgrad.random.Generator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Hooks, checkpoints, saving on the CPU and in-place views where the numbers lie on a GPU. */
@Tag("tools")
@Tag("gpu")
@ExtendWith(EmulatedGpu.class)
class CudaAutogradTest {
  private static final Device GPU = Device.cuda(0);
  private TensorScope scope;

  @BeforeEach
  void open() {
    scope = TensorScope.open();
  }

  @AfterEach
  void nothingIsLeftOnTheDevice() {
    scope.close();
    assertEquals(0, CudaDevice.of(0).usedBytes());
  }

  private static Tensor leaf(double... values) {
    return Tensor.tensor(values).to(GPU).requiresGrad_();
  }

  @Test
  void hooksSeeAndReplaceGradientsOnTheDevice() {
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(3);
    List<String> calls = new ArrayList<>();
    Tensor[] kept = {null};
    y.retainGrad();
    y.registerHook(
        g -> {
          assertEquals(GPU, g.device());
          kept[0] = g;
          return g.mul(2);
        });
    y.gradFn().registerPreHook(g -> note(calls, "before"));
    y.gradFn().registerHook((in, out) -> note(calls, "after"));
    x.registerPostAccumulateGradHook(t -> calls.add("leaf " + t.grad().device()));
    y.exp().sum().backward();
    values(x.grad(), 6 * Math.exp(3), 6 * Math.exp(6));
    values(y.grad(), 2 * Math.exp(3), 2 * Math.exp(6));
    values(kept[0], Math.exp(3), Math.exp(6)); // nothing has reused its memory
    assertEquals(List.of("before", "after", "leaf cuda:0"), calls);
  }

  private static Tensor[] note(List<String> calls, String what) {
    calls.add(what);
    return null;
  }

  @Test
  void derivativesOfHigherOrderStayOnTheDevice() {
    Tensor x = leaf(1, 2);
    Tensor g = Autograd.grad(x.pow(3).sum(), x, GradOptions.of().createGraph());
    Autograd.grad(g.sum(), x, GradOptions.of().createGraph()).sum().backward();
    values(x.grad(), 6, 6);
  }

  @Test
  void aCheckpointComputesTheSameAgainRandomNumbersToo() {
    Function<Tensor[], Tensor> block =
        in -> in[0].mul(in[1]).tanh().mul(Tensor.bernoulli(GPU, DType.FLOAT32, 0.5, 64)).exp();
    float[][] grads = new float[2][];
    for (int i = 0; i < 2; i++) {
      Generator.current().manualSeed(3);
      Tensor x = Tensor.randn(64).to(GPU).requiresGrad_();
      Tensor w = Tensor.randn(64).to(GPU).requiresGrad_();
      Tensor y = i == 0 ? block.apply(new Tensor[] {x, w}) : Checkpoint.checkpoint(block, x, w);
      Tensor.rand(GPU, DType.FLOAT32, 5); // others may draw in between
      y.sum().backward();
      grads[i] = Tensor.cat(List.of(x.grad(), w.grad()), 0).toFloats();
    }
    assertArrayEquals(grads[0], grads[1]);
  }

  @Test
  void whatIsSavedOnTheCpuIsNotHeldOnTheDevice() {
    Tensor x = Tensor.randn(100).to(GPU).requiresGrad_();
    Tensor direct = Autograd.grad(chain(x), x, GradOptions.of());
    Tensor loss;
    try (var onCpu = SavedTensorHooks.saveOnCpu()) {
      loss = chain(x);
    }
    int nodes = 0;
    for (Node n = loss.gradFn(); n instanceof OpNode op; n = op.nextFunctions().get(0).node()) {
      for (Tensor t : op.allSaved()) assertNull(t, op.name());
      nodes++;
    }
    assertEquals(5, nodes);
    loss.backward();
    assertEquals(GPU, x.grad().device());
    assertArrayEquals(direct.toFloats(), x.grad().toFloats());
  }

  private static Tensor chain(Tensor x) {
    return x.exp().tanh().exp().tanh().sum();
  }

  @Test
  void aWriteThroughAViewIsHistoryOfTheBase() {
    Tensor x = Tensor.ones(2, 3).to(GPU).requiresGrad_();
    Tensor y = x.mul(1);
    Tensor other = y.t();
    y.select(0, 0).mul_(leaf(2, 3, 4).detach());
    y.index(Tensor.tensor(1L).to(GPU)); // reading changes nothing
    other.select(0, 1).zero_();
    y.sum().backward();
    values(x.grad(), 2, 0, 4, 1, 0, 1);
  }
}
