package io.sparkgrad.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.DType;
import io.sparkgrad.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PyTorch's torch.load reads what is written here, bit for bit. */
@Tag("tools")
class TorchFileByTorchTest {
  /* Prints each tensor: type, sizes, strides, and its numbers as bytes. */
  private static final String PRINT =
      """
      import sys, torch
      content = torch.load(sys.argv[1])
      for name, t in content['state'].items():
          if t.dtype == torch.bfloat16: b = t.contiguous().view(torch.int16).numpy()
          else: b = t.contiguous().numpy()
          print(name, t.dtype, list(t.shape), list(t.stride()), b.tobytes().hex())
      content['state']['w'].zero_()
      print(content['state']['turned'].abs().sum().item(), content['epoch'], content['list'], content['dtype'])
      """;

  /* The content of a file in both forms and by every protocol of pickles. */
  private static final String AGAIN =
      """
      import sys, torch
      content = torch.load(sys.argv[1] + '/src/test/resources/files/zip.pt')
      for protocol in 2, 3, 4, 5:
          for zip in True, False:
              torch.save(content, f'{sys.argv[2]}/{protocol}{zip}.pt', pickle_protocol=protocol,
                         _use_new_zipfile_serialization=zip)
      """;

  @TempDir Path folder;

  /* The same content is written in the same bytes. */
  @Test
  void everyProtocolIsRead() throws Exception {
    run(AGAIN, ".", folder.toString());
    byte[] expected = written(TorchFile.read(Path.of("src/test/resources/files/zip.pt")));
    for (String form : List.of("True", "False"))
      for (int protocol = 2; protocol <= 5; protocol++)
        assertArrayEquals(
            expected,
            written(TorchFile.read(folder.resolve(protocol + form + ".pt"))),
            protocol + form);
  }

  private static byte[] written(TorchFile file) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    file.writeTo(out);
    return out.toByteArray();
  }

  @Test
  void bitForBit() throws Exception {
    Map<String, Tensor> state = new LinkedHashMap<>();
    Tensor w = Tensor.of(new float[] {1.5f, -0f, Float.NaN, 3e38f, Float.MIN_VALUE, 7}, 2, 3);
    state.put("w", w);
    state.put("turned", w.t());
    state.put("part", w.select(1, 1));
    state.put("empty", Tensor.zeros(0, 3));
    state.put("scalar", Tensor.tensor(5L));
    state.put("", Tensor.of(new boolean[] {true, false}));
    for (DType t : DType.values()) state.put("ü." + t, Tensor.tensor(0.0, 1, 100).to(t));
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("state", state);
    content.put("epoch", 1L << 40);
    content.put("list", Arrays.asList(1, -1.5, "x", null, true));
    content.put("dtype", DType.FLOAT16);
    Path file = folder.resolve("ours.pt");
    new TorchFile(content).write(file);

    StringBuilder expected = new StringBuilder();
    state.forEach((name, t) -> expected.append(line(name, t)));
    expected.append("0.0 1099511627776 [1, -1.5, 'x', None, True] torch.float16\n");
    assertEquals(expected.toString(), run(PRINT, file.toString()));
  }

  private static String line(String name, Tensor t) {
    return "%s %s %s %s %s%n"
        .formatted(
            name, t.dtype(), Arrays.toString(t.shape()), Arrays.toString(t.strides()), hex(t));
  }

  private static String hex(Tensor t) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Tensor rows = t.contiguous();
    try {
      Numbers.write(rows.storage(), rows.offset(), rows.offset() + rows.numel(), out);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return HexFormat.of().formatHex(out.toByteArray());
  }

  private static String run(String program, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("/usr/bin/python3", "-c", program));
    command.addAll(List.of(arguments));
    Process python = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, python.waitFor(), said);
    return said;
  }
}
