package io.sparkgrad.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that others trained and saved, in torch.save's older form. */
@Tag("data")
class CheckpointsTest {
  private static final Path DATA = Path.of(System.getProperty("sparkgrad.data"));

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"resnet20-12fca82f.th, 97", "resnet56-4bfd9763.th, 277"})
  void residualNetworksForCifar(String name, int count) throws IOException {
    TorchFile file = TorchFile.read(DATA.resolve("resnet-cifar10").resolve(name));
    assertTrue(((Map<?, ?>) file.content()).containsKey("best_prec1"));
    Map<String, Tensor> state = TorchFile.withoutPrefix(file.stateDict(), "module.");
    assertEquals(count, state.size());
    assertArrayEquals(new int[] {16, 3, 3, 3}, state.get("conv1.weight").shape());
    assertArrayEquals(new int[] {10, 64}, state.get("linear.weight").shape());
    for (Tensor t : state.values())
      assertTrue(t.isfinite().all().item() == 1, () -> "numbers that are not finite");
  }

  @ParameterizedTest
  @CsvSource({"pnet.pt, 13, 6632, 10", "rnet.pt, 16, 100178, 28"})
  void networksWhoseWeightsAreNotContiguous(String name, int count, long numbers, int filters)
      throws IOException {
    Map<String, Tensor> state = TorchFile.read(DATA.resolve("torch-pt").resolve(name)).stateDict();
    assertEquals(count, state.size());
    assertEquals(numbers, state.values().stream().mapToLong(Tensor::numel).sum());
    Tensor weight = state.get("conv1.weight");
    assertArrayEquals(new int[] {filters, 3, 3, 3}, weight.shape());
    assertArrayEquals(new int[] {1, filters, 3 * filters, 9 * filters}, weight.strides());
  }

  @Test
  void whatIsWrittenAgainIsTheSame() throws IOException {
    TorchFile file = TorchFile.read(DATA.resolve("torch-pt").resolve("rnet.pt"));
    Path copy = folder.resolve("copy.pt");
    file.write(copy);
    Map<String, Tensor> again = TorchFile.read(copy).stateDict();
    file.stateDict()
        .forEach((name, t) -> assertArrayEquals(t.toFloats(), again.get(name).toFloats(), name));
  }
}
