package io.sparkgrad.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp"})
  void coloursAreChannels(String format) throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0x3380ff);
    image.setRGB(1, 0, 0xff0066);
    Tensor t = Images.decode(encoded(image, format));
    assertEquals(DType.FLOAT32, t.dtype());
    assertArrayEquals(new int[] {3, 1, 2}, t.shape());
    assertArrayEquals(new float[] {0.2f, 1, 128 / 255f, 0, 1, 0.4f}, t.toFloats());
  }

  @Test
  void greyStaysAsItIsWritten() throws IOException {
    for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY}) {
      BufferedImage image = new BufferedImage(1, 1, type);
      image.getRaster().setSample(0, 0, 0, type == BufferedImage.TYPE_BYTE_GRAY ? 51 : 51 * 257);
      Tensor t = Images.decode(encoded(image, "png"));
      assertArrayEquals(new float[] {0.2f, 0.2f, 0.2f}, t.toFloats());
    }
  }

  @Test
  void transparencyAndPalettesAreColours() throws IOException {
    BufferedImage transparent = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
    transparent.setRGB(0, 0, 0x40ff0033);
    assertArrayEquals(
        new float[] {1, 0, 0.2f}, Images.decode(encoded(transparent, "png")).toFloats());
    BufferedImage palette = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_INDEXED);
    palette.setRGB(0, 0, 0xff0033);
    assertArrayEquals(new float[] {1, 0, 0.2f}, Images.decode(encoded(palette, "gif")).toFloats());
  }

  @Test
  void jpegIsNearlyWhatItWas() throws IOException {
    BufferedImage image = new BufferedImage(16, 8, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 128; i++) image.setRGB(i % 16, i / 16, 0x4080c0);
    Tensor t = Images.read(Files.write(folder.resolve("i.jpg"), encoded(image, "jpg")));
    assertArrayEquals(new int[] {3, 8, 16}, t.shape());
    for (int c = 0; c < 3; c++)
      assertEquals(64 * (c + 1) / 255.0, t.select(0, c).mean().item(), 0.01);
  }

  @Test
  void whatIsNoImageIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("i.png"), "text");
    var e = assertThrows(IOException.class, () -> Images.read(file));
    assertEquals(
        file
            + ": no image that can be read: it is neither PNG nor JPEG, GIF or BMP; it has 4 bytes",
        e.getMessage());
  }

  /* 37 bytes that announce 3.6 * 10^9 pixels. */
  @Test
  void aSmallFileCannotAskForMuchMemory() throws IOException {
    byte[] png = encoded(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), "png");
    ByteBuffer.wrap(png).putInt(16, 60_000).putInt(20, 60_000);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
    var e = assertThrows(IOException.class, () -> Images.decode(png));
    assertEquals(
        "image: no image that can be read: 60000 x 60000 pixels are more than 67108864",
        e.getMessage());
  }

  @Test
  void damagedFilesAreAnImageOrAnError() throws IOException {
    Random random = new Random(1);
    BufferedImage image = new BufferedImage(9, 7, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 63; i++) image.setRGB(i % 9, i / 9, random.nextInt(1 << 24));
    int read = 0;
    for (String format : List.of("png", "jpg", "gif", "bmp"))
      for (int i = 0; i < 250; i++) {
        byte[] file = encoded(image, format);
        for (int edits = random.nextInt(3); edits >= 0; edits--)
          file[random.nextInt(file.length)] = (byte) random.nextInt(256);
        try {
          assertEquals(3, Images.decode(file).shape()[0]);
          read++;
        } catch (IOException e) {
          assertTrue(e.getMessage().startsWith("image: no image that can be read: "), e.toString());
        }
      }
    assertTrue(read > 0, "images read: " + read);
  }

  // ---- folders

  @Test
  void foldersAreClasses() throws IOException {
    byte[] png = encoded(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), "png");
    for (String name : List.of("dog/b.png", "dog/a.PNG", "cat/deep/c.jpeg", "cat/notes.txt")) {
      Files.createDirectories(folder.resolve(name).getParent());
      Files.write(folder.resolve(name), png);
    }
    ImageFolder found = ImageFolder.of(folder);
    assertEquals(List.of("cat", "dog"), found.classes());
    assertEquals(
        List.of(
            new ImageFolder.Sample(folder.resolve("cat/deep/c.jpeg"), 0),
            new ImageFolder.Sample(folder.resolve("dog/a.PNG"), 1),
            new ImageFolder.Sample(folder.resolve("dog/b.png"), 1)),
        found.samples());
    assertArrayEquals(new int[] {3, 1, 1}, Images.read(found.samples().get(0).file()).shape());
    Files.delete(folder.resolve("cat/deep/c.jpeg"));
    var none = assertThrows(IllegalArgumentException.class, () -> ImageFolder.of(folder));
    assertEquals(
        folder.resolve("cat") + " has no image: their names end in [.png, .jpg, .jpeg, .gif, .bmp]",
        none.getMessage());
    var flat =
        assertThrows(IllegalArgumentException.class, () -> ImageFolder.of(folder.resolve("dog")));
    assertTrue(flat.getMessage().endsWith("has no folders: one is wanted for each class"));
  }

  // ---- CIFAR

  @Test
  void cifarIsALabelAndThreePlanes() throws IOException {
    byte[] rows = new byte[2 * 3073];
    rows[3073] = 7;
    rows[3074] = (byte) 255;
    rows[3074 + 1024 + 33] = 51;
    Cifar cifar = Cifar.read10(Files.write(folder.resolve("c.bin"), rows));
    assertEquals(2, cifar.count());
    assertEquals(7, cifar.label(1));
    Tensor image = cifar.image(1);
    assertArrayEquals(new int[] {3, 32, 32}, image.shape());
    assertEquals(1, image.toFloats()[0]);
    assertEquals(0.2f, image.toFloats()[1024 + 33]);
    assertEquals(1.2f, image.sum().item(), 1e-6);
    assertThrows(IndexOutOfBoundsException.class, () -> cifar.image(2));
    Path fine = Files.write(folder.resolve("d.bin"), new byte[3074]);
    assertEquals(0, Cifar.read100(fine).label(0));
    var e = assertThrows(IllegalArgumentException.class, () -> Cifar.read10(fine));
    assertEquals(fine + " has 3074 bytes: CIFAR-10 has 3073 an image", e.getMessage());
  }

  @Tag("data")
  @Test
  void theSubsetOfCifar() throws IOException {
    Path data = Path.of(System.getProperty("sparkgrad.data"), "cifar10");
    Cifar train = Cifar.read10(data.resolve("cifar10_train5k.bin"));
    Cifar test = Cifar.read10(data.resolve("cifar10_test1k.bin"));
    assertEquals(5000, train.count());
    assertEquals(1000, test.count());
    assertEquals(3, test.label(0));
    int[] perClass = new int[10];
    for (int i = 0; i < train.count(); i++) perClass[train.label(i)]++;
    for (int n : perClass) assertEquals(500, n);
    double[] mean = new double[3];
    for (int i = 0; i < train.count(); i++)
      for (int c = 0; c < 3; c++) mean[c] += train.image(i).select(0, c).mean().item() / 5000;
    assertArrayEquals(new double[] {.49139968, .48215841, .44653091}, mean, .01); // the full set's
  }

  private static byte[] encoded(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, out), format);
    return out.toByteArray();
  }
}
