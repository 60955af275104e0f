package io.sparkgrad.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real model file: Silero VAD, a convolution and an LSTM cell. */
@Tag("data")
class SileroTest {
  private static final int HEADER_BYTES = 1_208;
  private final Path path =
      Path.of(System.getProperty("sparkgrad.data"), "safetensors", "silero_vad_16k.safetensors");

  @Test
  void isRead() throws IOException {
    Map<String, Tensor> tensors = SafeTensors.read(path).tensors();
    assertEquals(15, tensors.size());
    assertEquals("stft_conv.weight", tensors.keySet().iterator().next());
    assertArrayEquals(new int[] {258, 1, 256}, tensors.get("stft_conv.weight").shape());
    assertArrayEquals(new int[] {512, 128}, tensors.get("lstm_cell.weight_ih").shape());
    for (Tensor t : tensors.values()) assertEquals(DType.FLOAT32, t.dtype());
    long numbers = tensors.values().stream().mapToLong(Tensor::numel).sum();
    assertEquals(Files.size(path), 8 + HEADER_BYTES + 4 * numbers);
  }

  @Test
  void isWrittenAgainToTheByte() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SafeTensors.read(path).writeTo(out);
    assertArrayEquals(Files.readAllBytes(path), out.toByteArray());
  }
}
