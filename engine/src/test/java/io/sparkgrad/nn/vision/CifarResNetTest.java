package io.sparkgrad.nn.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Grad;
import io.sparkgrad.Tensor;
import io.sparkgrad.dataset.Cifar;
import io.sparkgrad.dataset.Transform;
import io.sparkgrad.dataset.Transforms;
import io.sparkgrad.files.TorchFile;
import io.sparkgrad.nn.IncompatibleKeys;
import io.sparkgrad.random.Generator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Networks that others trained classify as well here as in PyTorch. */
@Tag("data")
class CifarResNetTest {
  private static final Path DATA = Path.of(System.getProperty("sparkgrad.data"));
  private static final int BATCH = 100;
  private static final Transform NORMALIZE =
      Transforms.normalize(new double[] {.485, .456, .406}, new double[] {.229, .224, .225});

  @Test
  void resnet20ClassifiesAsInPyTorch() throws IOException {
    double[] first = {
      -5.3097, -.4958, .8773, 23.7305, -4.105, 4.4637, -.2343, -5.4179, -3.7118, -9.8822
    };
    classifies(CifarResNet.resnet20(10), "resnet20-12fca82f.th", 914, first);
  }

  @Test
  void resnet56ClassifiesAsInPyTorch() throws IOException {
    double[] first = {
      -5.5256, -1.5469, -.7158, 19.4394, -5.0977, 3.0219, -1.5109, -.935, -1.7958, -5.4049
    };
    classifies(CifarResNet.resnet56(10), "resnet56-4bfd9763.th", 926, first);
  }

  private static void classifies(CifarResNet model, String file, int right, double... first)
      throws IOException {
    Map<String, Tensor> state =
        TorchFile.read(DATA.resolve("resnet-cifar10").resolve(file)).stateDict();
    IncompatibleKeys keys = model.loadStateDict(TorchFile.withoutPrefix(state, "module."), false);
    assertEquals(List.of(), keys.unexpected());
    for (String name : keys.missing()) assertTrue(name.endsWith("num_batches_tracked"), name);
    model.eval();
    Cifar images = Cifar.read10(DATA.resolve("cifar10").resolve("cifar10_test1k.bin"));
    int found = 0;
    try (var quiet = Grad.noGrad()) {
      for (int from = 0; from < images.count(); from += BATCH) {
        Tensor logits = model.apply(batch(images, from));
        if (from == 0) assertArrayEquals(first, logits.select(0, 0).toDoubles(), 1e-3);
        long[] classes = logits.argmax(1).toLongs();
        for (int i = 0; i < BATCH; i++) if (classes[i] == images.label(from + i)) found++;
      }
    }
    assertEquals(right, found, 1);
  }

  private static Tensor batch(Cifar images, int from) {
    List<Tensor> all = new ArrayList<>();
    for (int i = from; i < from + BATCH; i++)
      all.add(NORMALIZE.apply(images.image(i), Generator.current()));
    return Tensor.stack(all, 0);
  }
}
