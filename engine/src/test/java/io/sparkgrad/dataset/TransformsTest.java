package io.sparkgrad.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.Tensor;
import io.sparkgrad.random.Generator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class TransformsTest {
  private final Tensor image = Tensor.arange(0.0, 24, 1).reshape(2, 3, 4);

  @Test
  void normalizeIsByChannel() {
    Tensor t = apply(Transforms.normalize(new double[] {1, 12}, new double[] {2, 4}));
    assertEquals(-0.5, t.toFloats()[0]);
    assertEquals((23 - 12) / 4.0, t.toFloats()[23]);
    assertEquals(0, image.toFloats()[0]);
  }

  @Test
  void centerCropTakesTheMiddleAndPads() {
    assertArrayEquals(
        new float[] {1, 2, 5, 6, 13, 14, 17, 18}, apply(Transforms.centerCrop(2)).toFloats());
    Tensor larger = apply(Transforms.centerCrop(5));
    assertArrayEquals(new int[] {2, 5, 5}, larger.shape());
    assertEquals(image.sum().item(), larger.sum().item());
  }

  @Test
  void randomCropIsAWindowOfThePaddedImage() {
    Tensor padded = Tensor.zeros(2, 7, 8);
    padded.narrow(1, 2, 3).narrow(2, 2, 4).copy_(image);
    Generator random = new Generator(3);
    Transform crop = Transforms.randomCrop(3, 2);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 300; i++) {
      Generator before = random.copy();
      Tensor t = crop.apply(image, random);
      long[] at = new long[1];
      before.fillInts(at, 0, 1, 0, 5);
      int top = (int) at[0];
      before.fillInts(at, 0, 1, 0, 6);
      Tensor window = padded.narrow(1, top, 3).narrow(2, (int) at[0], 3);
      assertArrayEquals(window.contiguous().toFloats(), t.toFloats());
      seen.add(top + " " + at[0]);
    }
    assertEquals(30, seen.size());
    Tensor all = Transforms.randomCrop(3, 0).apply(image.narrow(2, 1, 3), random);
    assertArrayEquals(image.narrow(2, 1, 3).contiguous().toFloats(), all.toFloats());
  }

  /* So many of torch.rand(1) < 0.3 are true with that seed. */
  @Test
  void flipsComeAsInPyTorchAndTurnRows() {
    Generator random = new Generator(5);
    int flipped = 0;
    for (int i = 0; i < 1000; i++)
      if (Transforms.randomHorizontalFlip(0.3).apply(image, random).toFloats()[0] == 3) flipped++;
    assertEquals(356, flipped);
    assertArrayEquals(
        image.flip(2).toFloats(), apply(Transforms.randomHorizontalFlip(1)).toFloats());
    assertArrayEquals(image.toFloats(), apply(Transforms.randomHorizontalFlip(0)).toFloats());
  }

  @Test
  void resizeKeepsProportionsAndConstants() {
    assertArrayEquals(new int[] {2, 6, 8}, apply(Transforms.resize(6)).shape());
    assertArrayEquals(
        new int[] {2, 8, 6},
        Transforms.resize(6).apply(image.transpose(1, 2), new Generator()).shape());
    for (int size = 1; size < 9; size++) {
      Tensor t = Transforms.resize(size, 9 - size).apply(Tensor.ones(1, 3, 4), new Generator());
      assertArrayEquals(new int[] {1, size, 9 - size}, t.shape());
      assertEquals(1, t.max().item(), 1e-6);
      assertEquals(1, t.min().item(), 1e-6);
    }
  }

  @Test
  void theSameSeedIsTheSameImageAlsoElsewhere() throws Exception {
    Transform transform =
        Transforms.randomCrop(3, 1)
            .then(Transforms.randomHorizontalFlip(0.5))
            .then(Transforms.normalize(new double[] {1, 2}, new double[] {3, 4}));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new ObjectOutputStream(bytes).writeObject(transform);
    Transform there =
        (Transform)
            new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
    Generator one = new Generator(9);
    Generator other = new Generator(9);
    for (int i = 0; i < 20; i++)
      assertArrayEquals(
          transform.apply(image, one).toFloats(), there.apply(image, other).toFloats());
  }

  @Test
  void wrongSettingsAndImagesAreNamed() {
    says(
        "normalize: as many means as deviations above 0, got [1.0] and [0.0]",
        () -> Transforms.normalize(new double[] {1}, new double[] {0}));
    says(
        "normalize: 1 means, but an image of 2 channels",
        () -> apply(Transforms.normalize(new double[] {1}, new double[] {1})));
    says(
        "randomHorizontalFlip: a probability is from 0 to 1, got NaN",
        () -> Transforms.randomHorizontalFlip(Double.NaN));
    says("randomCrop: the size must be at least 1, got 0", () -> Transforms.randomCrop(0, 0));
    says(
        "randomCrop: a square of 4 out of 3 x 4 pixels: resize first",
        () -> apply(Transforms.randomCrop(4, 0)));
    says("resize: the width must be at least 1, got 0", () -> Transforms.resize(1, 0));
    for (Tensor no : List.of(Tensor.ones(3, 4), Tensor.full(1L, 1, 2, 3), Tensor.zeros(1, 0, 3)))
      assertThrows(
          IllegalArgumentException.class,
          () -> Transforms.centerCrop(1).apply(no, new Generator()));
  }

  /* Sizes below, above and beside the image's, as PyTorch's interpolate has them. */
  @Tag("tools")
  @Test
  void resizeGivesPyTorchsNumbers() throws Exception {
    String python =
        """
        import torch
        x = (torch.arange(2 * 11 * 7, dtype=torch.float32).reshape(1, 2, 11, 7) * 0.37).sin()
        for h, w in [(5, 3), (22, 14), (11, 7), (1, 1), (13, 4), (3, 20)]:
            y = torch.nn.functional.interpolate(x, (h, w), mode='bilinear', antialias=True)
            print(*y.flatten().tolist())
        """;
    Process p =
        new ProcessBuilder("/usr/bin/python3", "-c", python).redirectErrorStream(true).start();
    String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, p.waitFor(), said);
    String[] lines = said.strip().split("\n");
    int[][] sizes = {{5, 3}, {22, 14}, {11, 7}, {1, 1}, {13, 4}, {3, 20}};
    Tensor x = Tensor.arange(0.0, 2 * 11 * 7, 1).reshape(2, 11, 7).mul(0.37).sin();
    for (int i = 0; i < sizes.length; i++) {
      float[] ours =
          Transforms.resize(sizes[i][0], sizes[i][1]).apply(x, new Generator()).toFloats();
      String[] theirs = lines[i].split(" ");
      assertEquals(theirs.length, ours.length);
      for (int k = 0; k < ours.length; k++)
        assertEquals(Double.parseDouble(theirs[k]), ours[k], 2e-6, "size " + i + ", number " + k);
    }
  }

  private Tensor apply(Transform transform) {
    return transform.apply(image, new Generator());
  }

  private static void says(String text, Supplier<Object> call) {
    assertEquals(text, assertThrows(IllegalArgumentException.class, call::get).getMessage());
  }
}
