package io.sparkgrad.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Device;
import io.sparkgrad.RowSparse;
import io.sparkgrad.Tensor;
import io.sparkgrad.TensorScope;
import io.sparkgrad.backend.cuda.CudaDevice;
import io.sparkgrad.backend.cuda.EmulatedGpu;
import io.sparkgrad.op.nn.EmbeddingOptions;
import io.sparkgrad.optim.LocalOptimizer;
import io.sparkgrad.optim.SGD;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Gradients of few rows on a GPU. */
@Tag("tools")
@Tag("gpu")
@ExtendWith(EmulatedGpu.class)
class CudaEmbeddingTest {
  private static final EmbeddingOptions OPTIONS = EmbeddingOptions.of().sparse().paddingIdx(0);

  @Test
  void stepsByGradientsOfFewRowsGiveTheNumbersOfTheCpu() {
    assertArrayEquals(trained(Device.CPU), trained(Device.cuda(0)), 1e-12);
    CudaDevice device = CudaDevice.of(0);
    assertEquals(0, device.usedBytes());
  }

  private static double[] trained(Device device) {
    MakeTensor make = new MakeTensor(4);
    try (TensorScope all = TensorScope.open()) {
      Tensor w = make.any(6, 3).to(device).detach().requiresGrad_();
      Tensor bags = make.below(6, 4, 5).to(device);
      LocalOptimizer optimizer = new SGD(0.1).over(List.of(w));
      for (int step = 0; step < 3; step++) {
        try (TensorScope scope = TensorScope.open()) {
          optimizer.zeroGrad();
          w.embedding(bags, OPTIONS).pow(2).sum().backward();
          w.embeddingBag(bags, null, null, OPTIONS).pow(2).sum().backward();
          optimizer.step();
        }
      }
      RowSparse g = assertInstanceOf(RowSparse.class, w.grad());
      assertEquals(device, g.device());
      assertTrue(g.toString().contains("nnz="));
      return Tensor.cat(List.of(w.detach(), g.toDense()), 0).toDoubles();
    }
  }
}
